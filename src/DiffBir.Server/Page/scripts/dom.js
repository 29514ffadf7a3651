// Makes elements. Data only ever becomes text or attributes, never markup.

/**
 * Makes an element. Attributes that are true stand without a value, those that are false, null or undefined are left
 * out; `on` holds listeners by event.
 */
export function element(tag, { on = {}, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** An icon of icons.svg; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/assets/images/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** The element with an id. */
export const byId = (id) => document.getElementById(id);

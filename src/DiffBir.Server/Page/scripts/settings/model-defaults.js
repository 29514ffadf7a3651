// What a model uses where nobody says otherwise.

/** A model's default of an option by the option's name; undefined where it has none. */
export function defaultOf(model, option) {
  const camelCase = option.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return model?.defaults?.[camelCase] ?? undefined;
}

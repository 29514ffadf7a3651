namespace DiffBir.Server.Tests.Browser.Support;

/// <summary>Contrast as the Web Content Accessibility Guidelines measure it.</summary>
internal static class FaintText
{
    /// <summary>
    /// Finds visible texts whose contrast is below level AA: 4.5, or 3 for large letters. Texts over pictures and those of
    /// disabled controls are left out, as the guidelines do.
    /// </summary>
    public const string Script = """
        () => {
          const canvas = document.createElement("canvas");
          const context = canvas.getContext("2d", { willReadFrequently: true });
          const bytes = (color, below) => {
            context.fillStyle = `rgb(${below.join(" ")})`;
            context.fillRect(0, 0, 1, 1);
            context.fillStyle = color;
            context.fillRect(0, 0, 1, 1);
            return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const background = element =>
            element ? bytes(getComputedStyle(element).backgroundColor, background(element.parentElement)) : [255, 255, 255];
          const luminance = ([r, g, b]) => {
            const linear = [r, g, b].map(byte => byte / 255).map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
          };
          const faint = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const element = node.parentElement;
            if (!node.data.trim() || !element.checkVisibility()) continue;
            if (element.closest(":disabled, .compare, .visually-hidden, label:has(:disabled), option")) continue;
            const style = getComputedStyle(element);
            const below = background(element);
            const [dark, light] = [luminance(bytes(style.color, below)), luminance(below)].sort((a, b) => a - b);
            const ratio = (light + 0.05) / (dark + 0.05);
            const size = parseFloat(style.fontSize);
            const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
            if (ratio < (isLarge ? 3 : 4.5)) faint.push(`${node.data.trim()}: ${ratio.toFixed(2)}`);
          }
          return faint;
        }
        """;
}

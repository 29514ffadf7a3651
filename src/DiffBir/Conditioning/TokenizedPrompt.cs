namespace DiffBir.Conditioning;

/// <summary>A prompt as the text encoder takes it.</summary>
/// <param name="Ids">77 token ids, padded with 0.</param>
/// <param name="IsCut">Whether the prompt was too long and its end was left out.</param>
internal sealed record TokenizedPrompt(IReadOnlyList<int> Ids, bool IsCut);

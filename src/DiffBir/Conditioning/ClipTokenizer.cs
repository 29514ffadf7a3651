using DiffBir.Conditioning.Unicode;
using DiffBir.Files;
using Microsoft.ML.Tokenizers;

namespace DiffBir.Conditioning;

/// <summary>Turns prompts into the 77 token ids that CLIP's text encoder takes.</summary>
/// <remarks>
/// There is no weighting syntax: <c>(word:1.2)</c> is plain text. Instances are immutable and may be used by several threads.
/// Source: Radford et al., arXiv 2103.00020, section 2.4; checked against OpenCLIP's ids.
/// </remarks>
internal sealed class ClipTokenizer
{
    /// <summary>The number of ids of a prompt.</summary>
    public const int ContextLength = 77;

    /// <summary>The number of tokens: every id is below it.</summary>
    public const int VocabularySize = 49408;

    /// <summary>The first id of every prompt.</summary>
    public const int StartOfText = 49406;

    /// <summary>The id behind a prompt's last token; the text encoder reads the prompt's embedding there.</summary>
    public const int EndOfText = 49407;

    /// <summary>The id that fills up to the context length. OpenCLIP takes 0, other CLIP tokenizers the end of text.</summary>
    public const int Padding = 0;

    /// <summary>
    /// Encoding a word takes time in proportion to the square of its bytes, and no token has more than 32 of them: what
    /// follows the first 4096 cannot reach the context's 77 tokens.
    /// </summary>
    private const int MaxWordBytes = 4096;

    /// <summary>What the tokenizer of Stable Diffusion's other home cuts out of a prompt before anything else, with their ids.</summary>
    private static readonly (string Text, int Id)[] CutOut =
    [
        ("!", Padding),
        ("<|startoftext|>", StartOfText),
        ("<|endoftext|>", EndOfText),
    ];

    private readonly BpeTokenizer _bytePairs;
    private readonly TokenizerRules _rules;

    private ClipTokenizer(ClipVocabulary vocabulary, TokenizerRules rules)
    {
        _rules = rules;
        _bytePairs = BpeTokenizer.Create(
            new BpeOptions(vocabulary.Ids)
            {
                Merges = vocabulary.Merges,
                EndOfWordSuffix = ClipVocabulary.EndOfWord,
                ByteLevel = true,
            }
        );
    }

    /// <summary>Reads the vocabulary file.</summary>
    /// <param name="path">The file <c>bpe_simple_vocab_16e6.txt.gz</c>.</param>
    /// <param name="rules">Whose rules turn a prompt into ids.</param>
    /// <exception cref="DiffBirException">The file cannot be read, is damaged, or is something else.</exception>
    public static ClipTokenizer Load(string path, TokenizerRules rules = TokenizerRules.OpenClip)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            return Load(stream, path, rules);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiffBirException($"The tokenizer's vocabulary {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the vocabulary from a stream.</summary>
    /// <param name="stream">The content of <c>bpe_simple_vocab_16e6.txt.gz</c>; read to its end, not closed.</param>
    /// <param name="name">What to call the content in messages.</param>
    /// <param name="rules">Whose rules turn a prompt into ids.</param>
    /// <exception cref="DiffBirException">The content is damaged or is something else.</exception>
    public static ClipTokenizer Load(Stream stream, string name, TokenizerRules rules = TokenizerRules.OpenClip) =>
        new(ClipVocabulary.Read(stream, name), rules);

    /// <summary>The ids of a prompt.</summary>
    /// <param name="prompt">Any text; empty gives start and end of text alone.</param>
    /// <returns>Start of text, at most 75 tokens, end of text, padding; and whether tokens were left out.</returns>
    public TokenizedPrompt Encode(string prompt)
    {
        const int Room = ContextLength - 2;
        var tokens =
            _rules == TokenizerRules.OpenClip ? EncodeText(PromptText.Clean(prompt), Room + 1) : EncodePieces(prompt, Room + 1);
        var ids = new int[ContextLength]; // all of them Padding
        ids[0] = StartOfText;
        var count = Math.Min(tokens.Count, Room);
        tokens.CopyTo(0, ids, 1, count);
        ids[count + 1] = EndOfText;
        return new TokenizedPrompt(ids, tokens.Count > Room);
    }

    /// <summary>The tokens of cleaned text, without start, end and padding; it may stop after <paramref name="limit"/>.</summary>
    internal List<int> EncodeText(string cleaned, int limit)
    {
        var tokens = new List<int>();
        foreach (var word in ClipWords.Split(cleaned, _rules))
        {
            if (tokens.Count >= limit)
            {
                break;
            }

            switch (word)
            {
                case ClipWords.StartOfText when _rules == TokenizerRules.OpenClip:
                    tokens.Add(StartOfText);
                    break;
                case ClipWords.EndOfText when _rules == TokenizerRules.OpenClip:
                    tokens.Add(EndOfText);
                    break;
                default:
                    tokens.AddRange(_bytePairs.EncodeToIds(Shorten(word), considerPreTokenization: false));
                    break;
            }
        }

        return tokens;
    }

    /// <summary>The tokens of a prompt by the rules of the transformers library: special texts are cut out, what lies between is cleaned piece by piece.</summary>
    private List<int> EncodePieces(string prompt, int limit)
    {
        var tokens = new List<int>();
        var start = 0;
        while (start < prompt.Length && tokens.Count < limit)
        {
            var (at, text, id) = NextCutOut(prompt, start);
            tokens.AddRange(EncodeText(PromptText.Clean(prompt[start..at]), limit - tokens.Count));
            if (text.Length > 0 && tokens.Count < limit)
            {
                tokens.Add(id);
            }

            start = at + text.Length;
        }

        return tokens;
    }

    /// <summary>The next text to cut out from a place on; the end of the prompt, and no text, where there is none.</summary>
    private static (int At, string Text, int Id) NextCutOut(string prompt, int start)
    {
        var next = (At: prompt.Length, Text: "", Id: 0);
        foreach (var (text, id) in CutOut)
        {
            var at = prompt.IndexOf(text, start, next.At - start, StringComparison.Ordinal);
            next = at >= 0 ? (at, text, id) : next;
        }

        return next;
    }

    private static ReadOnlySpan<char> Shorten(ReadOnlySpan<char> word)
    {
        var (length, byteCount) = (0, 0);
        foreach (var rune in word.EnumerateRunes())
        {
            byteCount += rune.Utf8SequenceLength;
            if (byteCount > MaxWordBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return word[..length];
    }
}

/// <summary>Whose rules turn a prompt into ids. Most prompts have the same by both.</summary>
public enum TokenizerRules
{
    /// <summary>OpenCLIP's, as in DiffBIR: <c>!</c> is a symbol like others, <c>&lt;start_of_text&gt;</c> and <c>&lt;end_of_text&gt;</c> are tokens.</summary>
    OpenClip,

    /// <summary>
    /// Those of the transformers library with the files of Stable Diffusion 2.1: <c>!</c> is the padding token wherever it stands,
    /// <c>&lt;|startoftext|&gt;</c> and <c>&lt;|endoftext|&gt;</c> are tokens.
    /// </summary>
    Transformers,
}

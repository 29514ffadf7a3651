using DiffBir.Conditioning.Unicode;
using DiffBir.Files;
using Microsoft.ML.Tokenizers;

namespace DiffBir.Conditioning;

/// <summary>Turns prompts into the 77 token ids that CLIP's text encoder takes.</summary>
/// <remarks>
/// There is no weighting syntax: <c>(word:1.2)</c> is plain text. Instances are immutable and may be used by several threads.
/// Source: Radford et al., arXiv 2103.00020, section 2.4; checked against OpenCLIP's ids.
/// </remarks>
public sealed class ClipTokenizer
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

    private readonly BpeTokenizer _bytePairs;

    private ClipTokenizer(ClipVocabulary vocabulary) =>
        _bytePairs = BpeTokenizer.Create(
            new BpeOptions(vocabulary.Ids)
            {
                Merges = vocabulary.Merges,
                EndOfWordSuffix = ClipVocabulary.EndOfWord,
                ByteLevel = true,
            }
        );

    /// <summary>Reads the vocabulary file.</summary>
    /// <param name="path">The file <c>bpe_simple_vocab_16e6.txt.gz</c>.</param>
    /// <exception cref="DiffBirException">The file cannot be read, is damaged, or is something else.</exception>
    public static ClipTokenizer Load(string path)
    {
        try
        {
            using var stream = RegularFile.OpenRead(path);
            return Load(stream, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DiffBirException($"The tokenizer's vocabulary {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the vocabulary from a stream.</summary>
    /// <param name="stream">The content of <c>bpe_simple_vocab_16e6.txt.gz</c>; read to its end, not closed.</param>
    /// <param name="name">What to call the content in messages.</param>
    /// <exception cref="DiffBirException">The content is damaged or is something else.</exception>
    public static ClipTokenizer Load(Stream stream, string name) => new(ClipVocabulary.Read(stream, name));

    /// <summary>The ids of a prompt.</summary>
    /// <param name="prompt">Any text; empty gives start and end of text alone.</param>
    /// <returns>Start of text, at most 75 tokens, end of text, padding; and whether tokens were left out.</returns>
    public TokenizedPrompt Encode(string prompt)
    {
        const int Room = ContextLength - 2;
        var tokens = EncodeText(PromptText.Clean(prompt), Room + 1);
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
        foreach (var word in ClipWords.Split(cleaned))
        {
            if (tokens.Count >= limit)
            {
                break;
            }

            switch (word)
            {
                case ClipWords.StartOfText:
                    tokens.Add(StartOfText);
                    break;
                case ClipWords.EndOfText:
                    tokens.Add(EndOfText);
                    break;
                default:
                    tokens.AddRange(_bytePairs.EncodeToIds(Shorten(word), considerPreTokenization: false));
                    break;
            }
        }

        return tokens;
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

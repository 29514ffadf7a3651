using System.Text.Json;
using System.Text.RegularExpressions;
using DiffBir.Restoration;
using DiffBir.Server.Api;
using DiffBir.Server.Tests.Browser.Support;

namespace DiffBir.Server.Tests.Browser;

/// <summary>The page's texts in both languages. No browser is needed.</summary>
public sealed partial class TextTests(Site site) : IClassFixture<Site>
{
    private const string OptionPrefix = "option.";

    private static readonly string[] InPlainWords = ["task", "upscale", "size", "longest-side", "guidance-scale", "faces"];

    [Fact]
    public async Task Every_text_is_there_in_both_languages_with_the_same_parameters()
    {
        var english = await TextsAsync("en");
        var chinese = await TextsAsync("zh-CN");

        english.Keys.Except(chinese.Keys).ShouldBeEmpty();
        foreach (var (key, text) in english)
        {
            Parameters(chinese[key]).ShouldBeSubsetOf(Parameters(text), key);
        }
    }

    [Fact]
    public async Task Every_option_and_group_of_the_API_has_Chinese_words_and_there_are_no_others()
    {
        var options = (await site.GetAsync("api/options"))
            .GetProperty("options")
            .EnumerateArray()
            .Where(option => !InPlainWords.Contains(Name(option)))
            .ToArray();

        var needed = options
            .SelectMany(option => new[] { $"{OptionPrefix}{Name(option)}", $"{OptionPrefix}{Name(option)}.help" })
            .Concat(options.Select(option => $"group.{option.GetProperty("group").GetString()}"))
            .Distinct();
        var english = await TextsAsync("en");
        var onlyChinese = (await TextsAsync("zh-CN")).Keys.Where(key =>
            (key.StartsWith(OptionPrefix, StringComparison.Ordinal) || key.StartsWith("group.", StringComparison.Ordinal))
            && !english.ContainsKey(key)
        );

        onlyChinese.ShouldBe(needed, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_error_of_the_API_has_words_in_both_languages()
    {
        var codes = typeof(ErrorCode).GetFields().Select(field => (string)field.GetValue(null)!).ToArray();
        codes.ShouldNotBeEmpty();

        foreach (var language in (string[])["en", "zh-CN"])
        {
            var texts = await TextsAsync(language);
            codes.Where(code => !texts.ContainsKey($"error.{code}")).ShouldBeEmpty(language);
        }
    }

    [Fact]
    public async Task Every_task_and_stage_has_plain_words()
    {
        var texts = await TextsAsync("en");
        var tasks = (await site.GetAsync("api/options"))
            .GetProperty("options")
            .EnumerateArray()
            .Single(option => Name(option) == "task")
            .GetProperty("choices")
            .EnumerateArray()
            .Select(task => $"task.{task.GetString()}");
        var stages = Enum.GetValues<RestorationStage>()
            .Select(stage => $"stage.{JsonNamingPolicy.KebabCaseLower.ConvertName(stage.ToString())}");

        tasks.Concat(stages).Where(key => !texts.ContainsKey(key)).ShouldBeEmpty();
    }

    private async Task<Dictionary<string, JsonElement>> TextsAsync(string language) =>
        (await site.GetAsync($"assets/locales/{language}.json"))
            .EnumerateObject()
            .ToDictionary(text => text.Name, text => text.Value);

    private static string Name(JsonElement option) => option.GetProperty("name").GetString()!;

    private static string[] Parameters(JsonElement text) =>
        [.. Parameter().Matches(text.ToString()).Select(match => match.Value).Distinct()];

    [GeneratedRegex(@"\{\w+\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}

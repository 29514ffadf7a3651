using DiffBir.Options;
using DiffBir.Packs;
using DiffBir.Restoration;

namespace DiffBir.Tests.Restoration;

public sealed class PromptsTests
{
    private static readonly PackDefaults Defaults = new()
    {
        Prompt = "a sharp photo of a face",
        TilePrompt = "sharp",
        NegativePrompt = "blurry",
    };

    [Theory]
    [InlineData(null, false, TilePrompt.Quality, "a sharp photo of a face")]
    [InlineData("a house", false, TilePrompt.Quality, "a house")]
    [InlineData("a house", true, TilePrompt.Quality, "sharp")]
    [InlineData(null, true, TilePrompt.Quality, "sharp")]
    [InlineData("a house", true, TilePrompt.Whole, "a house")]
    [InlineData(null, true, TilePrompt.Whole, "a sharp photo of a face")]
    public void What_a_prompt_names_is_not_put_into_tiles(string? asked, bool isTiled, TilePrompt tilePrompt, string expected)
    {
        var prompts = Choose(asked, isTiled, tilePrompt);

        prompts.ShouldBe(new Prompts(expected, "blurry"));
    }

    [Theory]
    [InlineData("a house", true, TilePrompt.Quality, true)]
    [InlineData("sharp", true, TilePrompt.Quality, false)]
    [InlineData("a house", true, TilePrompt.Whole, false)]
    [InlineData("a house", false, TilePrompt.Quality, false)]
    public void Another_prompt_than_the_one_asked_for_is_said(string asked, bool isTiled, TilePrompt tilePrompt, bool isSaid)
    {
        var said = new List<string>();

        Choose(asked, isTiled, tilePrompt, said.Add);

        said.Count.ShouldBe(isSaid ? 1 : 0);
        said.ShouldAllBe(text => text.Contains("\"sharp\"") && text.Contains("--tile-prompt"));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("v2.1")]
    public void The_official_prompts_of_tiles_name_no_thing(string pack)
    {
        string[] things = ["camera", "skin", "photo", "face", "person", "canon"];

        var prompt = PackCatalog.Find(pack).Defaults.TilePrompt.ToLowerInvariant();

        things.ShouldAllBe(thing => !prompt.Contains(thing));
    }

    private static Prompts Choose(string? asked, bool isTiled, TilePrompt tilePrompt, Action<string>? onDecision = null)
    {
        var options = new RestorationOptions
        {
            Sampling = new() { Prompt = asked },
            Tiling = new() { Prompt = tilePrompt },
        };
        return Prompts.Choose(options.Settle(PackCatalog.Find("v2") with { Defaults = Defaults }), isTiled, onDecision);
    }
}

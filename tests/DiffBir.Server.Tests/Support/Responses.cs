using System.Net;
using System.Text.Json;

namespace DiffBir.Server.Tests.Support;

/// <summary>What tests want to know of responses.</summary>
internal static class Responses
{
    /// <summary>Requires an error as the API promises it.</summary>
    /// <returns>Its sentence.</returns>
    public static async Task<string> ShouldBeErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = JsonElement.Parse(text);
        problem.GetProperty("code").GetString().ShouldBe(code, text);
        problem.GetProperty("status").GetInt32().ShouldBe((int)status);
        var detail = problem.GetProperty("detail").GetString()!;
        detail.ShouldNotContain(Path.GetTempPath());
        detail.ShouldNotContain("Exception");
        detail.ShouldEndWith(".");
        return detail;
    }
}

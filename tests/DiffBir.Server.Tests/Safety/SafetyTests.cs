using System.Net;
using DiffBir.Server.Configuration;
using DiffBir.Server.Tests.Support;

namespace DiffBir.Server.Tests.Safety;

public sealed class SafetyTests(SharedServer server) : IClassFixture<SharedServer>
{
    private const string Key = "a key that nobody guesses";

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("192.168.1.5")]
    public async Task A_name_that_is_not_the_machines_own_is_refused(string host)
    {
        var bench = server.Bench;

        using var response = await SendAsync(bench, HttpMethod.Get, "/api/options", ("Host", host));

        await response.ShouldBeErrorAsync(HttpStatusCode.MisdirectedRequest, "host-not-allowed");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("[::1]")]
    [InlineData("photos.example")]
    public async Task The_machines_own_names_and_allowed_ones_are_taken(string host)
    {
        await using var bench = await ServerBench.StartAsync(options => options with { AllowedHosts = ["photos.example"] });

        using var response = await SendAsync(bench, HttpMethod.Get, "/api/options", ("Host", host));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Pages_of_other_sites_cannot_use_the_server(string header, string value)
    {
        var bench = server.Bench;
        foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Delete, HttpMethod.Get])
        {
            using var response = await SendAsync(bench, method, "/api/restorations/x", (header, value));

            await response.ShouldBeErrorAsync(HttpStatusCode.Forbidden, "cross-site");
            response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task The_page_itself_and_programs_can()
    {
        var bench = server.Bench;
        var own = bench.Address.GetLeftPart(UriPartial.Authority);

        using var page = await SendAsync(
            bench,
            HttpMethod.Get,
            "/api/options",
            ("Origin", own),
            ("Sec-Fetch-Site", "same-origin")
        );
        using var program = await SendAsync(bench, HttpMethod.Get, "/api/options");

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        program.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_allowed_origin_may_use_the_api_and_others_still_not()
    {
        await using var bench = await ServerBench.StartAsync(options =>
            options with
            {
                AllowedOrigins = ["https://photos.example"],
            }
        );

        using var asked = await SendAsync(
            bench,
            HttpMethod.Options,
            "/api/restorations",
            ("Origin", "https://photos.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "x-api-key")
        );
        using var other = await SendAsync(bench, HttpMethod.Get, "/api/options", ("Origin", "https://evil.example"));

        asked.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["https://photos.example"]);
        await other.ShouldBeErrorAsync(HttpStatusCode.Forbidden, "cross-site");
    }

    [Fact]
    public async Task With_a_key_only_who_knows_it_gets_anything()
    {
        await using var bench = await ServerBench.StartAsync(options => options with { ApiKey = Key });
        string[] guarded =
        [
            "/api/options",
            "/API/options",
            "/api/models",
            "/api/samples",
            "/api/restorations/x",
            "/openapi/v1.json",
        ];
        foreach (var path in guarded)
        {
            foreach (
                var header in ((string, string)[])
                    [
                        ("X-None", ""),
                        ("X-Api-Key", "wrong"),
                        ("X-Api-Key", Key + "x"),
                        ("Authorization", "Bearer wrong"),
                        ("Authorization", $"Basic {Key}"),
                    ]
            )
            {
                using var response = await SendAsync(bench, HttpMethod.Get, path, header);
                await response.ShouldBeErrorAsync(HttpStatusCode.Unauthorized, "unauthorized");
                response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
            }
        }

        foreach (var header in ((string, string)[])[("X-Api-Key", Key), ("Authorization", $"Bearer {Key}")])
        {
            using var response = await SendAsync(bench, HttpMethod.Get, "/api/options", header);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await bench.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("0.0.0.0", null, false, "--api-key")]
    [InlineData("192.168.1.5", null, false, "--no-api-key")]
    [InlineData("::", null, false, "--api-key")]
    [InlineData("0.0.0.0", "short", false, "16 characters")]
    [InlineData("example.org", Key, false, "0.0.0.0")]
    public void A_server_for_other_machines_needs_a_key_or_a_clear_word(string host, string? key, bool isOpen, string remedy)
    {
        using var data = new TemporaryFolder();
        var options = ServerBench.Options(data.Path) with { Host = host, ApiKey = key, IsOpenToAll = isOpen };

        Should.Throw<DiffBirException>(() => RestorationServer.Create(options)).Message.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("0.0.0.0", Key, false)]
    [InlineData("0.0.0.0", null, true)]
    [InlineData("localhost", null, false)]
    [InlineData("[::1]", null, false)]
    public void A_server_that_may_listen_is_not_refused(string host, string? key, bool isOpen) =>
        Should.NotThrow(() =>
            ServerValidation.Validate(ServerBench.Options("data") with { Host = host, ApiKey = key, IsOpenToAll = isOpen })
        );

    [Fact]
    public async Task Every_response_tells_browsers_what_to_refuse()
    {
        var bench = server.Bench;
        foreach (var path in (string[])["/", "/api/options", "/api/restorations/x", "/nowhere"])
        {
            using var response = await bench.Http.GetAsync(path);

            string Header(string name) => string.Join(",", response.Headers.GetValues(name));
            Header("Content-Security-Policy").ShouldContain("default-src 'self'");
            Header("Content-Security-Policy").ShouldContain("frame-ancestors 'none'");
            Header("Content-Security-Policy").ShouldNotContain("unsafe");
            Header("X-Content-Type-Options").ShouldBe("nosniff");
            Header("Referrer-Policy").ShouldBe("no-referrer");
            response.Headers.Contains("Server").ShouldBeFalse();
            response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("/api/restorations/..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/restorations/%2e%2e/result")]
    [InlineData("/api/restorations/AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("/api/restorations/AAAAAAAAAAAAAAAAAAAAAA/result")]
    [InlineData("/api/restorations/AAAAAAAAAAAAAAAAAAAAAA/events")]
    [InlineData("/api/restorations/AAAAAAAAAAAAAAAAAAAAAA/intermediates/..%2foriginal")]
    [InlineData("/api/restorations/'; DROP TABLE jobs; --")]
    [InlineData("/api/samples/..%2f..%2fjobs.db")]
    [InlineData("/api/samples/nothing")]
    [InlineData("/assets/..%2f..%2fappsettings.json")]
    [InlineData("/jobs.db")]
    public async Task Addresses_that_nobody_was_given_lead_nowhere(string path)
    {
        var bench = server.Bench;

        using var response = await bench.Http.GetAsync(path);

        await response.ShouldBeErrorAsync(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_wrong_method_is_an_error_like_any_other()
    {
        var bench = server.Bench;

        using var response = await bench.Http.PutAsync("/api/restorations", null);

        await response.ShouldBeErrorAsync(HttpStatusCode.MethodNotAllowed, "bad-request");
    }

    [Fact]
    public async Task What_is_no_http_is_dropped()
    {
        var bench = server.Bench;
        using var raw = await RawClient.ConnectAsync(bench.Address);

        await raw.SendAsync("\u0016\u0003\u0001 this is no request\r\n\r\n");

        (await raw.StatusLineAsync()).ShouldContain("400");
        (await bench.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        ServerBench bench,
        HttpMethod method,
        string path,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await bench.Http.SendAsync(request);
    }
}

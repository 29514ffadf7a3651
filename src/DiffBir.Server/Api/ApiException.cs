namespace DiffBir.Server.Api;

/// <summary>An error as the answer to a request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">One of <see cref="ErrorCode"/>.</param>
/// <param name="Detail">A sentence for whoever sent the request, with the remedy.</param>
internal sealed record ApiError(int Status, string Code, string Detail)
{
    /// <summary>The option that is wrong, without dashes.</summary>
    public string? Option { get; init; }

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>What only the API itself can say about a request; all other errors come from below (<see cref="ErrorTable"/>).</summary>
/// <param name="error">The answer.</param>
internal sealed class ApiException(ApiError error) : DiffBirException(error.Detail)
{
    /// <summary>The answer.</summary>
    public ApiError Error => error;

    public static ApiException NotFound(string detail) => new(new(StatusCodes.Status404NotFound, ErrorCode.NotFound, detail));
}

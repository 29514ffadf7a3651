using DiffBir.Server.Api;
using DiffBir.Server.Jobs;
using DiffBir.Server.Models;
using DiffBir.Server.Safety;
using DiffBir.Server.Storage;
using DiffBir.Server.Uploads;

namespace DiffBir.Server.Tests.Api;

public sealed class ErrorTableTests
{
    /// <summary>Each exception of the server, in each of its kinds.</summary>
    private static readonly DiffBirException[] All =
    [
        ApiException.NotFound("There is nothing here."),
        new UnknownJobException(),
        new ModelUnavailableException("The model is not here."),
        .. Enum.GetValues<Overload>().Select(what => new OverloadException(what, "It is full.", TimeSpan.FromSeconds(1))),
        .. Enum.GetValues<UploadProblem>().Select(problem => new UploadException(problem, "It is broken.")),
        .. Enum.GetValues<AccessProblem>().Select(problem => new AccessException(problem, "It is closed.")),
        StorageException.Full(),
        StorageException.Damaged(),
    ];

    [Fact]
    public void Every_exception_of_the_server_has_a_status_and_a_name_in_the_table()
    {
        var kinds = typeof(RestorationServer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DiffBirException)));

        All.Select(error => error.GetType()).Distinct().ShouldBe(kinds, ignoreOrder: true);
        foreach (var error in All)
        {
            var answer = ErrorTable.Find(error).ShouldNotBeNull(error.GetType().Name);
            answer.Status.ShouldBeInRange(400, 599);
            answer.Detail.ShouldBe(error.Message);
            Codes.ShouldContain(answer.Code);
        }
    }

    [Fact]
    public void No_two_problems_of_a_kind_are_the_same_to_a_client()
    {
        foreach (var kind in All.GroupBy(error => error.GetType()))
        {
            kind.Select(error => ErrorTable.Find(error)!).Select(answer => (answer.Status, answer.Code)).ShouldBeUnique();
        }
    }

    [Fact]
    public void What_makes_a_job_fail_has_a_name_that_the_page_knows()
    {
        foreach (var code in Enum.GetValues<JobErrorCode>())
        {
            Codes.ShouldContain(ErrorCode.Of(code));
        }
    }

    [Fact]
    public void A_full_disk_behind_another_error_is_a_full_disk()
    {
        var full = new IOException("No space left", OperatingSystem.IsWindows() ? unchecked((int)0x8007_0070) : 28);

        ErrorTable.Find(new InvalidOperationException("", full))!.Status.ShouldBe(507);
        ErrorTable.Find(new InvalidOperationException("", new IOException("broken"))).ShouldBeNull();
    }

    private static string[] Codes => [.. typeof(ErrorCode).GetFields().Select(code => (string)code.GetValue(null)!)];
}

using System.CommandLine;
using Sealos.Cli;
using Sealos.Cli.Commands;
using Sealos.Cli.Output;
using Xunit;

namespace Sealos.Cli_Tests.Commands;

public sealed class UserCommandTests
{
    // Nobody listens there, so whatever asks the API first fails otherwise.
    private const string KubeConfig = """
        apiVersion: v1
        kind: Config
        current-context: c
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:9"}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        """;

    [Theory]
    [InlineData("short")]
    [InlineData("Password2024!")]
    [InlineData("ada-ada-ada-1")]
    [InlineData("")]
    public async Task Create_WithAPasswordThatIsNotGood_AsksNothingOfTheApi(string password)
    {
        var file = Path.GetTempFileName();
        var input = Console.In;
        try
        {
            await File.WriteAllTextAsync(file, KubeConfig, TestContext.Current.CancellationToken);
            Console.SetIn(new StringReader(password + "\n"));
            var root = CommandTree.Build(new CommandContext(new Terminal(TextWriter.Null, TextWriter.Null, false), TimeProvider.System));
            var run = root.Parse(["user", "create", "ada", "--password-stdin", "--kubeconfig", file]);

            var refusal = await Assert.ThrowsAsync<CliException>(() => run.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));

            Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
            Assert.Contains("password", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            Console.SetIn(input);
            File.Delete(file);
        }
    }
}

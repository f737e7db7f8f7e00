using System.CommandLine;
using Sealos.Cli.Commands;
using Sealos.Cli.Output;
using Xunit;

namespace Sealos.Cli_Tests;

public sealed class CommandTreeTests
{
    private readonly RootCommand _root = CommandTree.Build(new CommandContext(new Terminal(TextWriter.Null, TextWriter.Null, false), TimeProvider.System));

    [Fact]
    public void EveryCommandAndOption_SaysWhatItDoes()
    {
        var silent = All(_root).Where(c => string.IsNullOrWhiteSpace(c.Description)).Select(c => c.Name)
            .Concat(All(_root).SelectMany(c => c.Options).Where(o => string.IsNullOrWhiteSpace(o.Description)).Select(o => o.Name));

        Assert.Empty(silent);
    }

    [Theory]
    [InlineData("up", "--nosuch")]
    [InlineData("app", "create", "hello")]
    [InlineData("app", "create", "hello", "--image", "x", "--replicas", "many")]
    [InlineData("status", "-o", "xml")]
    [InlineData("nosuch")]
    [InlineData("workspace", "role", "ben")]
    [InlineData("user", "impersonate", "ada")]
    [InlineData("account", "merge")]
    [InlineData("workspace", "suspend", "ns-ada")]
    public void WrongWords_AreErrors(params string[] arguments) => Assert.NotEmpty(_root.Parse(arguments).Errors);

    [Theory]
    [InlineData("up", "--domain", "cloud.example.com", "-o", "json")]
    [InlineData("app", "create", "hello", "--image", "sealos.hub/library/hello:1", "--port", "8080", "--public", "--wait")]
    [InlineData("app", "delete", "hello", "--yes")]
    [InlineData("reset", "--yes", "--instance", "other")]
    [InlineData("login", "https://cloud.test", "--user", "anna", "--password-stdin")]
    [InlineData("login", "https://cloud.test", "--device")]
    [InlineData("account", "merge", "ada-old", "--delete-workspace", "--token-stdin")]
    [InlineData("account", "delete", "--yes")]
    [InlineData("workspace", "invite", "--role", "Manager", "--expires-in", "1h", "-n", "ns-x")]
    [InlineData("workspace", "invite", "ben")]
    [InlineData("token", "create", "ci", "--workspace", "a", "--workspace", "b")]
    [InlineData("session", "revoke", "--others")]
    [InlineData("user", "create", "ada", "--display-name", "Ada", "--password-stdin")]
    [InlineData("user", "delete", "ada", "--yes")]
    [InlineData("user", "reset-password", "ada")]
    [InlineData("user", "reset-second-factor", "ada")]
    [InlineData("kubeconfig", "--user", "ada")]
    [InlineData("user", "list", "--search", "ada", "--state", "locked", "--limit", "10")]
    [InlineData("user", "lock", "ada", "--reason", "left")]
    [InlineData("user", "impersonate", "ada", "--reason", "ticket 12", "--for", "15m")]
    [InlineData("workspace", "list", "--all", "--search", "shop")]
    [InlineData("workspace", "quota", "set", "ns-ada", "--cpu", "32", "--pods", "50")]
    [InlineData("workspace", "suspend", "ns-ada", "--reason", "mines coins")]
    [InlineData("announce", "Maintenance", "--severity", "high", "--until", "2026-12-24T18:00Z", "--to", "user/ada")]
    [InlineData("audit", "--user", "ada", "--workspace", "ns-ada", "--since", "2d", "-o", "json")]
    [InlineData("signup", "https://cloud.test", "--user", "ada", "--invitation", "c0de", "--password-stdin")]
    [InlineData("user", "invite", "--expires-in", "12h")]
    [InlineData("user", "invite", "--revoke", "signup-0123")]
    [InlineData("sign-in", "set", "--sign-up", "invitation", "--second-factor", "operators")]
    [InlineData("sign-in", "provider", "add", "corp", "--issuer", "https://id.example.com", "--client-id", "c", "--secret-stdin", "--sign-up", "on")]
    [InlineData("sign-in", "provider", "add", "github", "--client-id", "c", "--secret-stdin")]
    [InlineData("sign-in", "provider", "set", "corp", "--sign-in", "off")]
    [InlineData("sign-in", "provider", "remove", "corp")]
    public void RightWords_AreNot(params string[] arguments) => Assert.Empty(_root.Parse(arguments).Errors);

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}

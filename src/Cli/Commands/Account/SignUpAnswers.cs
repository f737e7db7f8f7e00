using System.CommandLine;
using System.Net;
using System.Net.Http.Json;
using Sealos.Cli.Contexts;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.SignUp;

namespace Sealos.Cli.Commands.Account;

/// <summary>What <c>sealos signup</c> asks a person, and sends.</summary>
internal sealed class SignUpAnswers(CommandContext context, Option<string?> user)
{
    public Option<string?> DisplayName { get; } = new("--display-name") { Description = "What others read instead of the name", HelpName = "TEXT" };

    public Option<bool> PasswordStdin { get; } = new("--password-stdin") { Description = "Read the password from standard input" };

    public Option<string?> Invitation { get; } = new("--invitation") { Description = "The code of your invitation, where the cloud asks for one", HelpName = "CODE" };

    public async Task<SignInGrant> SendAsync(ParseResult parsed, ServicesConnection open, CancellationToken ct)
    {
        var name = parsed.GetValue(user) ?? context.Terminal.Ask("Name:") ?? throw new CliException(ExitCodes.Usage, "--user: missing. Say what you want to be called");
        var password = parsed.GetValue(PasswordStdin) ? context.Terminal.ReadInput() ?? "" : AskTwice();
        using var answer = await open.OpenAsync(HttpMethod.Post, "sign-up", new SignUpRequest(name, parsed.GetValue(DisplayName), password, parsed.GetValue(Invitation)), ct).ConfigureAwait(false);
        await ServicesConnection.ThrowIfRefusedAsync(answer, ct).ConfigureAwait(false);
        return answer.StatusCode == HttpStatusCode.OK
            ? (await answer.Content.ReadFromJsonAsync<SignInGrant>(ct).ConfigureAwait(false))!
            : throw new CliException(ExitCodes.Failed, $"user '{name}' is made, and the cloud wants a second factor of you: go on with 'sealos login --user {name}'");
    }

    private string AskTwice()
    {
        var password = context.Terminal.AskSecret("Password:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to type a password: use --password-stdin");
        return context.Terminal.AskSecret("The same again:") == password ? password : throw new CliException(ExitCodes.Usage, "the two passwords are not the same; nothing was sent");
    }
}

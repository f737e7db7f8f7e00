using System.Net;
using System.Net.Http.Json;
using Sealos.Cli.Contexts;
using Sealos.Cli.Output;
using Sealos.OsServices.SignIn;

namespace Sealos.Cli.Commands.Account;

/// <summary>Signs in with name and password, and with a second factor where there is one.</summary>
internal sealed class PasswordLogin(Terminal terminal)
{
    public async Task<SignInGrant> SignInAsync(ServicesConnection open, string user, string password, string? code, CancellationToken ct)
    {
        using var answer = await open.OpenAsync(HttpMethod.Post, "sign-in", new { user, password }, ct).ConfigureAwait(false);
        await ServicesConnection.ThrowIfRefusedAsync(answer, ct).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.Accepted)
        {
            return (await answer.Content.ReadFromJsonAsync<SignInGrant>(ct).ConfigureAwait(false))!;
        }

        var step = (await answer.Content.ReadFromJsonAsync<NextStep>(ct).ConfigureAwait(false))!;
        if (step.Next == "set-up-second-factor")
        {
            return await new SecondFactorLogin(terminal).SetUpAsync(open, step.Step, ct).ConfigureAwait(false);
        }

        if (step.Methods?.Contains("code") == false)
        {
            throw new CliException(ExitCodes.Usage, "your second factor is a passkey, which only a browser can use: 'sealos login --device' signs in with one");
        }

        var typed = code ?? terminal.Ask("Code of your second factor:") ?? throw new CliException(ExitCodes.Usage, "--code: missing. A second factor is asked for");
        return await open.SendAsync<SignInGrant>(HttpMethod.Post, "sign-in/second-factor", new { step = step.Step, code = typed.Trim() }, ct).ConfigureAwait(false);
    }

    private sealed record NextStep(string Step, string Next, IReadOnlyList<string>? Methods = null);
}

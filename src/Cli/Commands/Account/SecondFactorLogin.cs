using Sealos.Cli.Contexts;
using Sealos.Cli.Output;
using Sealos.OsServices.SignIn;

namespace Sealos.Cli.Commands.Account;

/// <summary>Sets up a second factor before the first session, where the cloud demands one.</summary>
internal sealed class SecondFactorLogin(Terminal terminal)
{
    public async Task<SignInGrant> SetUpAsync(ServicesConnection open, string step, CancellationToken ct)
    {
        var made = await open.SendAsync<NewAuthenticator>(HttpMethod.Post, SetUp("totp/start"), new { step }, ct).ConfigureAwait(false);
        terminal.Say($"This cloud asks for a second factor, and you have none. Put this key into an authenticator:\n\n  {made.Secret}\n  {made.Uri}\n");
        var code = terminal.Ask("Code that it shows now:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to set up a second factor: sign in where somebody is, or in a browser");
        var done = await open.SendAsync<SetUpDone>(HttpMethod.Post, SetUp("totp"), new { step, code = code.Trim() }, ct).ConfigureAwait(false);
        terminal.Say($"Keep these recovery codes; each lets you in once without the authenticator, and they are shown only now:\n\n  {string.Join("\n  ", done.RecoveryCodes)}\n");
        return done.Grant;
    }

    private static string SetUp(string part) => "sign-in/set-up/" + part;
}

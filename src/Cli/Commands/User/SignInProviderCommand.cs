using System.CommandLine;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;

namespace Sealos.Cli.Commands.User;

/// <summary><c>sealos sign-in provider</c>: whose word on who somebody is counts.</summary>
internal sealed class SignInProviderCommand(CommandContext context)
{
    private readonly Argument<string> _id = new("ID") { Description = "What it is called in addresses; github and google are known" };
    private readonly Option<string?> _label = new("--name") { Description = "What people read on the button", HelpName = "TEXT" };
    private readonly Option<string?> _issuer = new("--issuer") { Description = "The issuer of an OpenID provider", HelpName = "URL" };
    private readonly Option<string?> _client = new("--client-id") { Description = "What the cloud is called there", HelpName = "ID" };
    private readonly Option<bool> _secret = new("--secret-stdin") { Description = "Read the client's secret from standard input" };
    private readonly Option<string?> _authorization = new("--authorization-url") { Description = "OAuth 2 alone: where people sign in", HelpName = "URL" };
    private readonly Option<string?> _token = new("--token-url") { Description = "OAuth 2 alone: where a code buys a token", HelpName = "URL" };
    private readonly Option<string?> _userInfo = new("--userinfo-url") { Description = "OAuth 2 alone: where a token tells who somebody is", HelpName = "URL" };
    private readonly Option<string?> _idField = new("--id-field") { Description = "OAuth 2 alone: the field there that names somebody for good", HelpName = "FIELD" };
    private readonly Option<string?> _scopes = new("--scopes") { Description = "What is asked for, words with blanks between", HelpName = "SCOPES" };
    private readonly Option<string?> _signIn = Switch("--sign-in", "Whether people who linked it sign in with it: on or off");
    private readonly Option<string?> _signUp = Switch("--sign-up", "Whether it makes users of strangers, where sign-up is not off: on or off");

    public static Command Create(CommandContext context)
    {
        var command = new Command("provider", "Providers of identities: OpenID Connect and OAuth 2");
        command.Subcommands.Add(new SignInProviderCommand(context).Save("add", true));
        command.Subcommands.Add(new SignInProviderCommand(context).Save("set", false));
        command.Subcommands.Add(List(context));
        command.Subcommands.Add(Remove(context));
        return command;
    }

    private static Option<string?> Switch(string name, string description) => new(name) { Description = description, HelpName = "on|off" };

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "List the providers");
        command.Aliases.Add("ls");
        command.SetAction((parsed, ct) => SignInCommand.WithAsync(context, parsed, async settings =>
        {
            var all = (await settings.ReadAsync(ct).ConfigureAwait(false)).Providers;
            context.Terminal.Table(["ID", "NAME", "KIND", "SIGN-IN", "SIGN-UP", "AT"], [.. all.Select(p => new[] { p.Id, p.Name, p.Kind, p.SignIn ? "on" : "off", p.SignUp ? "on" : "off", p.Issuer ?? p.AuthorizationUrl ?? "" })]);
        }, ct));
        return command;
    }

    private static Command Remove(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "Its id, as 'sealos sign-in provider list' shows it" };
        var command = new Command("remove", "Take a provider away; who has no other way in needs 'sealos user reset-password'") { id };
        command.SetAction((parsed, ct) => SignInCommand.WithAsync(context, parsed, async settings =>
        {
            var chosen = parsed.GetValue(id)!;
            context.Terminal.Say(await settings.RemoveProviderAsync(chosen, ct).ConfigureAwait(false) ? $"Provider {chosen} is gone." : throw new CliException(ExitCodes.NotFound, $"there is no provider '{chosen}'"));
        }, ct));
        return command;
    }

    private Command Save(string verb, bool isNew)
    {
        var command = new Command(verb, isNew
            ? "Add a provider\n\nExamples:\n  sealos sign-in provider add github --client-id ID --secret-stdin < secret.txt\n  sealos sign-in provider add corp --name Corp --issuer https://id.example.com --client-id ID --secret-stdin < secret.txt"
            : "Change a provider; what is not given stays")
        {
            _id, _label, _issuer, _client, _secret, _authorization, _token, _userInfo, _idField, _scopes, _signIn, _signUp,
        };
        command.SetAction((parsed, ct) => SignInCommand.WithAsync(context, parsed, async settings =>
        {
            var id = parsed.GetValue(_id)!;
            var known = (await settings.ReadAsync(ct).ConfigureAwait(false)).Provider(id);
            if (isNew == known is not null)
            {
                throw new CliException(isNew ? ExitCodes.Usage : ExitCodes.NotFound, isNew ? $"there is a provider '{id}' already: use 'sealos sign-in provider set'" : $"there is no provider '{id}'");
            }

            var secret = parsed.GetValue(_secret) ? context.Terminal.ReadInput()?.Trim() ?? "" : null;
            var kept = await settings.SaveProviderAsync(Merge(parsed, known ?? ProviderPresets.All.FirstOrDefault(p => p.Id == id) ?? new IdentityProvider { Id = id, Name = id }), secret, ct).ConfigureAwait(false);
            var now = kept.Provider(id)!;
            context.Terminal.Say($"Provider {id} is kept: sign-in {(now.SignIn ? "on" : "off")}, sign-up {(now.SignUp ? "on" : "off")}. Its client's redirect address is {context.CloudOfPerson(parsed).ConsoleUrl.TrimEnd('/')}/sign-in/callback");
            if (now.SignUp && kept.AdmitsStrangers)
            {
                context.Terminal.Say(SignInView.StrangersNotice);
            }
        }, ct));
        return command;
    }

    private IdentityProvider Merge(ParseResult parsed, IdentityProvider known)
    {
        var isOAuth = parsed.GetValue(_authorization) is not null || known.Kind == IdentityProvider.OAuth2;
        return known with
        {
            Kind = isOAuth && parsed.GetValue(_issuer) is null ? IdentityProvider.OAuth2 : IdentityProvider.OpenIdConnect,
            Name = parsed.GetValue(_label) ?? known.Name,
            Issuer = parsed.GetValue(_issuer) ?? known.Issuer,
            ClientId = parsed.GetValue(_client) ?? known.ClientId,
            AuthorizationUrl = parsed.GetValue(_authorization) ?? known.AuthorizationUrl,
            TokenUrl = parsed.GetValue(_token) ?? known.TokenUrl,
            UserInfoUrl = parsed.GetValue(_userInfo) ?? known.UserInfoUrl,
            IdField = parsed.GetValue(_idField) ?? known.IdField,
            Scopes = parsed.GetValue(_scopes)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? (IReadOnlyList<string>)known.Scopes,
            SignIn = IsOn(parsed, _signIn, known.SignIn),
            SignUp = IsOn(parsed, _signUp, known.SignUp),
        };
    }

    private static bool IsOn(ParseResult parsed, Option<string?> option, bool known) => parsed.GetValue(option) switch
    {
        null => known,
        "on" => true,
        "off" => false,
        var other => throw new CliException(ExitCodes.Usage, $"{option.Name}: '{other}' is neither on nor off"),
    };
}

using System.CommandLine;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealos.Cli.Contexts;
using Sealos.Host.Configuration;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Workspaces;

namespace Sealos.Cli.Commands.Account;

/// <summary><c>sealos login</c>: a session of a cloud, kept as a context.</summary>
internal sealed class LoginCommand(CommandContext context)
{
    private readonly Argument<string?> _url = new("URL") { Description = "The cloud's address, such as https://cloud.example.com (default: this machine's cloud)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _user = new("--user", "-u") { Description = "Your name; asked for otherwise", HelpName = "NAME" };
    private readonly Option<bool> _passwordStdin = new("--password-stdin") { Description = "Read the password from standard input" };
    private readonly Option<string?> _code = new("--code") { Description = "The code of your second factor; asked for otherwise", HelpName = "CODE" };
    private readonly Option<bool> _device = new("--device") { Description = "Show a code, and sign in with it in a browser, on this machine or another" };
    private readonly Option<bool> _tokenStdin = new("--token-stdin") { Description = "Read a token from standard input instead of signing in" };
    private readonly Option<string?> _authority = new("--ca") { Description = "PEM file of the cloud's own authority ('sealos trust --pem' on its machine)", HelpName = "FILE" };
    private readonly Option<string?> _name = new("--name") { Description = "What the context is to be called (default: the cloud's host)", HelpName = "NAME" };

    public static Command Create(CommandContext context)
    {
        var login = new LoginCommand(context);
        var command = new Command("login", "Sign in to a cloud; 'sealos app' and the like then work there, in your workspace\n\nExamples:\n  sealos login https://cloud.example.com --user anna\n  sealos login --user admin --password-stdin < password.txt\n  sealos login --device https://cloud.example.com")
        {
            login._url, login._user, login._passwordStdin, login._code, login._device, login._tokenStdin, login._authority, login._name,
        };
        command.SetAction((parsed, ct) => login.RunAsync(parsed, login.EnterAsync, ct));
        return command;
    }

    /// <summary>The same cloud, kept the same way, for who is not a user yet.</summary>
    public static Command CreateSignUp(CommandContext context)
    {
        var login = new LoginCommand(context);
        var signUp = new SignUpAnswers(context, login._user);
        var command = new Command("signup", "Become a user of a cloud that lets you, and sign in there\n\nExample:\n  sealos signup https://cloud.example.com --user anna --invitation CODE")
        {
            login._url, login._user, signUp.DisplayName, signUp.PasswordStdin, signUp.Invitation, login._authority, login._name,
        };
        command.SetAction((parsed, ct) => login.RunAsync(parsed, signUp.SendAsync, ct));
        return command;
    }

    private async Task<SignInGrant> EnterAsync(ParseResult parsed, ServicesConnection open, CancellationToken ct) =>
        parsed.GetValue(_tokenStdin) ? new SignInGrant("", ReadLine("token"), default, "")
            : parsed.GetValue(_device) ? await new DeviceLogin(context.Terminal, context.Time).RunAsync(open, ct).ConfigureAwait(false)
            : await SignInAsync(parsed, open, ct).ConfigureAwait(false);

    private async Task<int> RunAsync(ParseResult parsed, Func<ParseResult, ServicesConnection, CancellationToken, Task<SignInGrant>> enter, CancellationToken ct)
    {
        var (url, known) = Cloud(parsed);
        var authority = await AuthorityAsync(url, known, ct).ConfigureAwait(false);
        using var open = new ServicesConnection(url, authority, null);
        var grant = await enter(parsed, open, ct).ConfigureAwait(false);
        using var signedIn = new ServicesConnection(url, authority, grant.Token);
        var who = await signedIn.GetAsync<WhoAmI>("whoami", ct).ConfigureAwait(false);
        context.Contexts.Save(context.Contexts.Load().With(new CloudContext
        {
            Name = parsed.GetValue(_name) ?? (url.IsDefaultPort ? url.Host : $"{url.Host}:{url.Port}"),
            Url = url,
            User = who.User,
            Token = grant.Token,
            Expires = grant.Expires == default ? null : grant.Expires,
            Authority = authority,
            ApiServer = who.ApiServer is null ? null : new Uri(who.ApiServer),
            ApiAuthority = who.CertificateAuthority,
            Workspace = who.Workspace,
        }));
        context.Terminal.Say($"Signed in to {url.Authority} as {who.User}. Your workspace is {who.Workspace}; 'sealos workspace use' changes it.");
        return ExitCodes.Ok;
    }

    /// <summary>The cloud that is meant, and its authority where that is known already.</summary>
    private (Uri Url, string? Authority) Cloud(ParseResult parsed)
    {
        var file = parsed.GetValue(_authority);
        var given = file is null ? null : File.ReadAllText(file);
        if (parsed.GetValue(_url) is { } text)
        {
            var full = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
            var url = !text.StartsWith('-') && Uri.TryCreate(full, UriKind.Absolute, out var parsedUrl) && parsedUrl.Scheme == Uri.UriSchemeHttps
                ? new Uri(parsedUrl.GetLeftPart(UriPartial.Authority))
                : throw new CliException(ExitCodes.Usage, $"'{text}' is not an address of a cloud: it must begin with https://");
            return (url, given ?? context.Contexts.Load().Contexts.FirstOrDefault(c => c.Url == url)?.Authority);
        }

        if (context.SavedCloud(parsed) is { } cloud)
        {
            var own = new CloudPaths(cloud).AppsAuthority;
            return (new Uri(cloud.ConsoleUrl), given ?? (File.Exists(own) ? File.ReadAllText(own) : null));
        }

        return context.Current(parsed) is { } current
            ? (current.Url, given ?? current.Authority)
            : throw new CliException(ExitCodes.Usage, "URL: missing. Say which cloud, such as 'sealos login https://cloud.example.com'");
    }

    /// <summary>The authority to trust: none besides the system's where those vouch for the cloud, else one that was given, or that a person has looked at.</summary>
    private async Task<string?> AuthorityAsync(Uri url, string? known, CancellationToken ct)
    {
        if (known is not null)
        {
            return known;
        }

        try
        {
            using var trusted = new ServicesConnection(url, null, null);
            using var answer = await trusted.OpenAsync(HttpMethod.Get, "authority", null, ct).ConfigureAwait(false);
            return null;
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            return await AskAsync(url, ct).ConfigureAwait(false);
        }
    }

    private async Task<string> AskAsync(Uri url, CancellationToken ct)
    {
        using var stranger = new ServicesConnection(url, null, null, acceptAny: true);
        var pem = (await stranger.GetAsync<CloudAuthority>("authority", ct).ConfigureAwait(false)).Certificate;
        if (!ServicesConnection.IsOf(stranger.Presented, pem))
        {
            throw new CliException(ExitCodes.Failed, $"the certificate of {url.Authority} is not of the authority it names: somebody may be in between");
        }

        using var authority = X509Certificate2.CreateFromPem(pem);
        var fingerprint = string.Join(':', authority.GetCertHash(HashAlgorithmName.SHA256).Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
        context.Terminal.Say($"{url.Authority} has a certificate of its own authority, which this machine does not know:\n  {authority.Subject}\n  SHA-256 {fingerprint}");
        var answer = context.Terminal.Ask("Compare it with whoever runs the cloud. Trust it from now on? (yes/no)");
        return answer?.Trim() switch
        {
            "yes" => pem,
            null => throw new CliException(ExitCodes.Usage, "nobody is there to look at the authority: give it with --ca FILE ('sealos trust --pem' on the cloud's machine prints it)"),
            _ => throw new CliException(ExitCodes.Failed, "the cloud is not trusted; nothing was changed"),
        };
    }

    private async Task<SignInGrant> SignInAsync(ParseResult parsed, ServicesConnection open, CancellationToken ct)
    {
        var user = parsed.GetValue(_user) ?? context.Terminal.Ask("Name:") ?? throw new CliException(ExitCodes.Usage, "--user: missing. Say as whom to sign in");
        var password = parsed.GetValue(_passwordStdin) ? ReadLine("password") : context.Terminal.AskSecret("Password:") ?? throw new CliException(ExitCodes.Usage, "nobody is there to type a password: use --password-stdin");
        return await new PasswordLogin(context.Terminal).SignInAsync(open, user, password, parsed.GetValue(_code), ct).ConfigureAwait(false);
    }

    private string ReadLine(string what) => context.Terminal.ReadInput() is { Length: > 0 } line
        ? line
        : throw new CliException(ExitCodes.Usage, $"standard input holds no {what}");
}

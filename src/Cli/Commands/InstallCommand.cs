using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.Cli.Output;
using Sealos.ControllerKit.Client;
using Sealos.Host.InCluster;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos install</c>: the services in a Kubernetes cluster that exists.</summary>
internal sealed class InstallCommand(CommandContext context)
{
    private static readonly string[] Exposures = ["LoadBalancer", "NodePort"];

    private readonly Option<string?> _domain = Text("--domain", "Domain under which people reach it; point it and *.DOMAIN at the cluster (a new installation needs one)", "DOMAIN");
    private readonly Option<string?> _image = Text("--image", "Image of the services (default: this build's, which --write-image writes)", "REF");
    private readonly Option<int?> _replicas = new("--replicas") { Description = "Copies of the server; one leads, the others take over (a new installation has 2)", HelpName = "N" };
    private readonly Option<string?> _expose = Text("--expose", "How the gateway is reached: LoadBalancer (a new installation) or NodePort", "TYPE");
    private readonly Option<string?> _podRange = Text("--pod-cidr", "Addresses of pods, where the nodes do not say", "CIDR");
    private readonly Option<string?> _serviceRange = Text("--service-cidr", "Addresses of Services, where the cluster does not say", "CIDR");
    private readonly Option<bool?> _singleUser = new("--single-user") { Description = "The cloud is one person's; '--single-user false' opens it to others" };
    private readonly Option<string?> _writeImage = Text("--write-image", "Only write the image of the services into a file, for 'sealos image load', docker and others", "FILE");
    private readonly Option<string?> _database = Text("--database", "Not built yet: keep the ledger in PostgreSQL", "URL");
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be written, and change nothing" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };
    private readonly Option<int> _timeout = new("--timeout") { Description = "Seconds to wait until it runs", DefaultValueFactory = _ => 300, HelpName = "SECONDS" };
    private readonly Option<OutputFormat> _format = CommandContext.Format();

    public static Command Create(CommandContext context)
    {
        var install = new InstallCommand(context);
        var command = new Command("install", "Install users, workspaces, gateway and desktop into another Kubernetes cluster, or change what is installed\n\nIt may be run at any time: it changes only what is said, and keeps all else as it was last said.\n\nExamples:\n  sealos install --write-image sealos.tar\n  sealos install --kubeconfig FILE --domain cloud.example.com\n  sealos install --kubeconfig FILE --dry-run");
        foreach (var option in new Option[] { install._domain, install._image, install._replicas, install._expose, install._podRange, install._serviceRange, install._singleUser, install._writeImage, install._database, install._dryRun, install._yes, install._timeout, install._format })
        {
            command.Options.Add(option);
        }

        command.SetAction(install.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        if (parsed.GetValue(_database) is not null)
        {
            throw new CliException(ExitCodes.Usage, "--database: a ledger or metrics in PostgreSQL are not built yet");
        }

        if (parsed.GetValue(_writeImage) is { } file)
        {
            return await WriteImageAsync(file, parsed.GetValue(_image) ?? ServerImage.Reference, ct).ConfigureAwait(false);
        }

        var request = RequestOf(parsed);
        using var client = await ConnectAsync(context, parsed, ct).ConfigureAwait(false);
        var installer = new ClusterInstaller(client, context.Time, context.Terminal.Say);
        if (parsed.GetValue(_dryRun))
        {
            foreach (var line in await installer.PlanAsync(request, ct).ConfigureAwait(false))
            {
                context.Terminal.Line(line);
            }

            return ExitCodes.Ok;
        }

        if (!Confirm(context, parsed.GetValue(_yes), $"This writes the services into the cluster at {client.Config.Server}, and roles with which they give rights to users.\nType 'yes' to go on:"))
        {
            return ExitCodes.Failed;
        }

        try
        {
            Print(parsed, await installer.InstallAsync(request, TimeSpan.FromSeconds(parsed.GetValue(_timeout)), ct).ConfigureAwait(false));
        }
        catch (TimeoutException e)
        {
            throw new CliException(ExitCodes.Timeout, e.Message);
        }

        return ExitCodes.Ok;
    }

    /// <summary>A client of the cluster that was named; nobody's own cloud by chance.</summary>
    public static async Task<KubeClient> ConnectAsync(CommandContext context, ParseResult parsed, CancellationToken ct) => parsed.GetValue(context.KubeConfigFile) is null
        ? throw new CliException(ExitCodes.Usage, "--kubeconfig: name the kubeconfig of the cluster; this machine's own cloud is started with 'sealos up'")
        : await context.ConnectAsync(parsed, ct).ConfigureAwait(false);

    /// <summary>Asks unless it was told not to; false when the answer was no.</summary>
    /// <exception cref="CliException">Nobody is there to answer.</exception>
    public static bool Confirm(CommandContext context, bool isYes, string question)
    {
        if (isYes)
        {
            return true;
        }

        var answer = context.Terminal.Ask(question) ?? throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to go on without asking");
        if (answer.Trim() == "yes")
        {
            return true;
        }

        context.Terminal.Say("Nothing was changed.");
        return false;
    }

    private ClusterRequest RequestOf(ParseResult parsed)
    {
        var request = new ClusterRequest
        {
            Domain = parsed.GetValue(_domain),
            Image = parsed.GetValue(_image),
            Replicas = parsed.GetValue(_replicas),
            Expose = parsed.GetValue(_expose),
            PodRange = parsed.GetValue(_podRange),
            ServiceRange = parsed.GetValue(_serviceRange),
            SingleUser = parsed.GetValue(_singleUser),
        };
        return request switch
        {
            { Replicas: < 1 or > 9 } => throw new CliException(ExitCodes.Usage, $"--replicas: {request.Replicas} must be from 1 to 9"),
            { Expose: { } expose } when !Exposures.Contains(expose) => throw new CliException(ExitCodes.Usage, $"--expose: '{expose}' must be {string.Join(" or ", Exposures)}"),
            _ => request,
        };
    }

    private async Task<int> WriteImageAsync(string file, string reference, CancellationToken ct)
    {
        await using (var output = File.Create(file))
        {
            await ServerImage.WriteAsync(reference, output, ct).ConfigureAwait(false);
        }

        context.Terminal.Line(reference);
        return ExitCodes.Ok;
    }

    private void Print(ParseResult parsed, InstalledCluster installed)
    {
        if (parsed.GetValue(_format) is var format and not OutputFormat.Table)
        {
            context.Terminal.Document(new JsonObject { ["console"] = installed.Console, ["user"] = UserDirectory.AdminName, ["password"] = installed.Password, ["authority"] = installed.Authority }, format);
            return;
        }

        context.Terminal.Line($"\nConsole      {installed.Console}");
        context.Terminal.Line($"Name         {UserDirectory.AdminName}");
        context.Terminal.Line($"Password     {installed.Password ?? "as set before (another one: sealos admin reset-password --kubeconfig FILE)"}");
        if (installed.Password is not null)
        {
            context.Terminal.Line("             It is shown this once and stored only as a hash.");
        }

        context.Terminal.Say("\nBrowsers trust it when they trust its authority: '-o json' prints that as 'authority'.");
    }

    private static Option<string?> Text(string name, string description, string help) => new(name) { Description = description, HelpName = help };
}

using System.CommandLine;
using Sealos.Cli.Contexts;
using Sealos.Cli.Output;
using Sealos.ControllerKit.Client;
using Sealos.Host.Configuration;

namespace Sealos.Cli.Commands;

/// <summary>What every command works with: the terminal, the time, and the options that stand on all of them.</summary>
internal sealed class CommandContext(Terminal terminal, TimeProvider time)
{
    public Terminal Terminal => terminal;

    public TimeProvider Time => time;

    /// <summary>Which cloud of this machine is meant.</summary>
    public Option<string> Instance { get; } = new("--instance")
    {
        Description = "Which cloud on this machine is meant (many can share it)",
        Recursive = true,
        DefaultValueFactory = _ => CloudOptions.DefaultInstance,
        HelpName = "NAME",
    };

    /// <summary>Where that cloud's data lies, when not at the default place.</summary>
    public Option<string?> DataFolder { get; } = new("--data-dir") { Description = "Folder of the cloud's data (default /var/lib/sealos)", Recursive = true, HelpName = "DIR" };

    /// <summary>Another cluster to speak to.</summary>
    public Option<string?> KubeConfigFile { get; } = new("--kubeconfig") { Description = "Speak to the cluster of this kubeconfig instead of this machine's cloud", Recursive = true, HelpName = "FILE" };

    /// <summary>The cloud to be used of those that the person is signed in to.</summary>
    public Option<string?> ContextName { get; } = new("--context") { Description = "The cloud to use of those you are signed in to ('sealos context list')", Recursive = true, HelpName = "NAME" };

    /// <summary>The clouds that the person is signed in to.</summary>
    public ContextFile Contexts { get; } = ContextFile.OfThisPerson();

    /// <summary>The <c>-o</c> option of a command that prints data.</summary>
    public static Option<OutputFormat> Format() => new("--output", "-o")
    {
        Description = "How to print: table, json or yaml",
        DefaultValueFactory = _ => OutputFormat.Table,
        HelpName = "FORMAT",
    };

    /// <summary>The cloud's options as <c>up</c> saved them, or the defaults of the instance.</summary>
    public CloudOptions Cloud(ParseResult parsed) => SavedCloud(parsed) ?? DefaultCloud(parsed);

    /// <summary>The cloud's options as <c>up</c> saved them, or null when it was never started here.</summary>
    public CloudOptions? SavedCloud(ParseResult parsed) => CloudOptions.Load(DefaultCloud(parsed).DataFolder);

    /// <summary>The options that hold when nothing was saved.</summary>
    public CloudOptions DefaultCloud(ParseResult parsed)
    {
        var options = CloudOptions.ForInstance(parsed.GetValue(Instance)!);
        return parsed.GetValue(DataFolder) is { } folder ? options with { DataFolder = Path.GetFullPath(folder) } : options;
    }

    /// <summary>A client with the operator's credential, or that of <c>--kubeconfig</c>.</summary>
    /// <exception cref="CliException">The cloud was never started, or the file may not be read.</exception>
    public async Task<KubeClient> ConnectAsync(ParseResult parsed, CancellationToken ct)
    {
        var file = parsed.GetValue(KubeConfigFile) ?? new CloudPaths(Cloud(parsed)).AdminKubeConfig;
        try
        {
            return new KubeClient(await KubeConfig.LoadAsync(file, ct).ConfigureAwait(false), "sealos");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCodes.NotRunning, $"there is no cloud here yet ({file} does not exist): start one with 'sealos up', or name a cluster with --kubeconfig");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Forbidden, $"{file} may be read by root only: use sudo, or name your own kubeconfig with --kubeconfig");
        }
    }

    /// <summary>The cloud the person works on: the one named, else the current one; null where this machine's own is meant, or a kubeconfig's.</summary>
    /// <exception cref="CliException">There is no context of that name.</exception>
    public CloudContext? Current(ParseResult parsed)
    {
        if (parsed.GetValue(ContextName) is { } name)
        {
            return Contexts.Load().Find(name) ?? throw new CliException(ExitCodes.NotFound, $"there is no context '{name}'; 'sealos context list' shows what there is");
        }

        var isMachine = parsed.GetResult(Instance) is { Implicit: false } || parsed.GetValue(DataFolder) is not null || parsed.GetValue(KubeConfigFile) is not null;
        return !isMachine && Contexts.Load() is var all ? all.Find(all.Current) : null;
    }

    /// <summary>The same where it must be one.</summary>
    public CloudContext RequireCurrent(ParseResult parsed) =>
        Current(parsed) ?? throw new CliException(ExitCodes.Forbidden, "you are not signed in to a cloud: use 'sealos login'");

    /// <summary>A client with the person's own credential where they are signed in, else with the operator's of this machine.</summary>
    public async Task<KubeClient> ConnectPersonAsync(ParseResult parsed, CancellationToken ct)
    {
        if (Current(parsed) is not { } current)
        {
            return await ConnectAsync(parsed, ct).ConfigureAwait(false);
        }

        var server = current.ApiServer ?? throw new CliException(ExitCodes.Failed, $"{current.Name} has not said where its Kubernetes API is: sign in again with 'sealos login'");
        return new KubeClient(new KubeConfig { Server = server, CertificateAuthorityPem = current.ApiAuthority, Token = current.Token, Namespace = current.Workspace }, "sealos");
    }

    /// <summary>The cloud that addresses are of: the one the person is signed in to, else this machine's.</summary>
    public CloudOptions CloudOfPerson(ParseResult parsed) => Current(parsed) is { } current
        ? DefaultCloud(parsed) with { Domain = current.Url.Host, HttpsPort = current.Url.Port }
        : Cloud(parsed);

    /// <summary>Refuses what is for several people where this machine's cloud is one person's; a cluster says so itself.</summary>
    public void RequireOthers(ParseResult parsed)
    {
        if (parsed.GetValue(KubeConfigFile) is null && Cloud(parsed).SingleUser)
        {
            throw new CliException(ExitCodes.Forbidden, "this cloud is one person's; 'sealos up --single-user false' opens it to others");
        }
    }

    /// <summary>Refuses to go on without root.</summary>
    public static void RequireRoot(string command, string why = "it starts containers and changes the network")
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new CliException(ExitCodes.Forbidden, $"'sealos {command}' must be run as root: {why}");
        }
    }
}

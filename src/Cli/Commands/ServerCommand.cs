using System.CommandLine;
using Sealos.ControllerKit.Client;
using Sealos.Host.InCluster;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class ServerCommand
{
    public static Command Create(CommandContext context)
    {
        var settings = new Option<string?>("--settings") { Description = "Run only the services, in a pod of the cluster that 'sealos install' wrote this file into", HelpName = "FILE" };
        var flags = new CloudFlags();
        var command = new Command("server", "Run the server in the foreground (as root); 'sealos up' starts it in the background\n\nWith --kubeconfig only users, workspaces, gateway and desktop run, against that cluster, for development: its API server must be on this machine.\n\nExample:\n  sealos server --kubeconfig FILE --domain sealos.localhost --http-port 8080 --https-port 8443 --run-dir /tmp/run --data-dir /tmp/data") { settings };
        flags.AddTo(command);
        command.SetAction(async (parsed, ct) => await RunAsync(context, parsed, settings, flags, ct).ConfigureAwait(false) ? ExitCodes.Ok : ExitCodes.Failed);
        return command;
    }

    private static async Task<bool> RunAsync(CommandContext context, ParseResult parsed, Option<string?> settings, CloudFlags flags, CancellationToken ct)
    {
        if (parsed.GetValue(settings) is { } file)
        {
            return await ClusterProcess.RunAsync(await ClusterOptions.LoadAsync(file, ct).ConfigureAwait(false), KubeConfig.OfPod(), context.Time, ct).ConfigureAwait(false);
        }

        if (parsed.GetValue(context.KubeConfigFile) is { } kubeConfig)
        {
            return await ClusterDevelopment.RunAsync(await KubeConfig.LoadAsync(kubeConfig, ct).ConfigureAwait(false), flags.Apply(parsed, context.DefaultCloud(parsed)), context.Time, ct).ConfigureAwait(false);
        }

        CommandContext.RequireRoot("server");
        var cloud = context.Cloud(parsed);
        if (flags.Apply(parsed, cloud) != cloud)
        {
            throw new CliException(ExitCodes.Usage, "the options of a cloud of this machine are set with 'sealos up'; here they go with --kubeconfig only");
        }

        return await ServerProcess.RunAsync(cloud, context.Time, ct).ConfigureAwait(false);
    }
}

using System.CommandLine;
using Sealos.Host.Configuration;

namespace Sealos.Cli.Commands;

internal static class KubeConfigCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("kubeconfig", "Print the operator's kubeconfig, for kubectl and other Kubernetes clients\n\nExample:\n  sealos kubeconfig > ~/.kube/config");
        command.SetAction(async (parsed, ct) =>
        {
            var path = new CloudPaths(context.Cloud(parsed)).AdminKubeConfig;
            if (!File.Exists(path))
            {
                throw new CliException(ExitCodes.NotRunning, "there is no cloud here yet: start one with 'sealos up' (as root)");
            }

            context.Terminal.Raw(await File.ReadAllTextAsync(path, ct).ConfigureAwait(false));
            return ExitCodes.Ok;
        });
        return command;
    }
}

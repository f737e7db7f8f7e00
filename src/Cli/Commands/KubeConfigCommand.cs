using System.CommandLine;
using Sealos.Cli.Contexts;
using Sealos.Host.Configuration;

namespace Sealos.Cli.Commands;

internal static class KubeConfigCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("kubeconfig", "Print your kubeconfig where you are signed in, else the operator's of this machine, for kubectl and other Kubernetes clients\n\nExample:\n  sealos kubeconfig > ~/.kube/config");
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(context.KubeConfigFile) is null && context.Current(parsed) is { } current)
            {
                using var connection = ServicesConnection.To(current);
                context.Terminal.Raw(await connection.GetTextAsync("kubeconfig", ct).ConfigureAwait(false));
                return ExitCodes.Ok;
            }

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

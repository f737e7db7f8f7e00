using System.CommandLine;
using Sealos.Host.InCluster;

namespace Sealos.Cli.Commands;

/// <summary><c>sealos uninstall</c>: takes away what <c>install</c> wrote.</summary>
internal static class UninstallCommand
{
    public static Command Create(CommandContext context)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait until all is gone", DefaultValueFactory = _ => 180, HelpName = "SECONDS" };
        var command = new Command("uninstall", "Take the services out of another Kubernetes cluster; users, workspaces and apps stay in it\n\nExample:\n  sealos uninstall --kubeconfig FILE") { yes, timeout };
        command.SetAction(async (parsed, ct) =>
        {
            using var client = await InstallCommand.ConnectAsync(context, parsed, ct).ConfigureAwait(false);
            context.Terminal.Say($"From the cluster at {client.Config.Server}, these go:");
            foreach (var line in ClusterInstaller.Goes)
            {
                context.Terminal.Say($"  {line}");
            }

            context.Terminal.Say("These stay: users, workspaces, their apps, data, quotas and network policies, and their kubeconfigs. Without the rules, owners of workspaces may change these walls.");
            if (!InstallCommand.Confirm(context, parsed.GetValue(yes), "Type 'yes' to go on:"))
            {
                return ExitCodes.Failed;
            }

            try
            {
                await new ClusterInstaller(client, context.Time, context.Terminal.Say).UninstallAsync(TimeSpan.FromSeconds(parsed.GetValue(timeout)), ct).ConfigureAwait(false);
            }
            catch (TimeoutException e)
            {
                throw new CliException(ExitCodes.Timeout, e.Message);
            }

            context.Terminal.Say("The services are gone.");
            return ExitCodes.Ok;
        });
        return command;
    }
}

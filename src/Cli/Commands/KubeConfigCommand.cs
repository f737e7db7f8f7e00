using System.CommandLine;
using Sealos.Cli.Commands.Account;
using Sealos.Cli.Contexts;
using Sealos.Host.Configuration;
using Sealos.OsServices.Users;

namespace Sealos.Cli.Commands;

internal static class KubeConfigCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("kubeconfig", "Print your kubeconfig where you are signed in, else the operator's of this machine, for kubectl and other Kubernetes clients\n\nExample:\n  sealos kubeconfig > ~/.kube/config");
        var user = new Option<string?>("--user") { Description = "The kubeconfig of this user (as the cloud's operator)", HelpName = "NAME" };
        command.Options.Add(user);
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(user) is { } name)
            {
                using var client = await context.ConnectAsync(parsed, ct).ConfigureAwait(false);
                context.Terminal.Raw(await new UserAccounts(client).KubeConfigAsync(name, ct).ConfigureAwait(false)
                    ?? throw new CliException(ExitCodes.NotFound, $"'{name}' has no kubeconfig: there is no such person, or they are locked or not ready; 'sealos user get {name}' says more"));
                return ExitCodes.Ok;
            }

            if (parsed.GetValue(context.KubeConfigFile) is null && context.Current(parsed) is { } current)
            {
                using var connection = ServicesConnection.To(current, new AccountScope(context).ConfirmAsync);
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

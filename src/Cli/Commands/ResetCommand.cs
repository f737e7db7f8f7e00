using System.CommandLine;
using Sealos.Host.Running;

namespace Sealos.Cli.Commands;

internal static class ResetCommand
{
    public static Command Create(CommandContext context)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("reset", "Stop the cloud and remove every trace of it, all data included (as root)") { yes };
        command.SetAction(async (parsed, ct) =>
        {
            CommandContext.RequireRoot("reset");
            var cloud = context.Cloud(parsed);
            if (!parsed.GetValue(yes))
            {
                var answer = context.Terminal.Ask($"This deletes every app, database, image and user of the cloud '{cloud.Instance}' in {cloud.DataFolder}, for good.\nType '{cloud.Instance}' to go on:");
                if (answer is null)
                {
                    throw new CliException(ExitCodes.Usage, "nobody is there to confirm: use --yes to delete everything without asking");
                }

                if (answer.Trim() != cloud.Instance)
                {
                    context.Terminal.Say("Nothing was changed.");
                    return ExitCodes.Failed;
                }
            }

            await new CloudTeardown(cloud, context.Time, context.Terminal.Say).RemoveAsync(ct).ConfigureAwait(false);
            context.Terminal.Say("Every trace of the cloud is gone.");
            return ExitCodes.Ok;
        });
        return command;
    }
}

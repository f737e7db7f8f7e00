using System.CommandLine;
using System.Text.Json;
using Sealos.Cli.Output;
using Sealos.OsServices.SignIn;

namespace Sealos.Cli.Commands.User;

/// <summary><c>sealos sign-in</c>: how people get in, as the cloud's operator says it.</summary>
internal static class SignInCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create(CommandContext context)
    {
        var command = new Command("sign-in", "Say how people get in: who may sign up, who needs a second factor, whose word counts (as the cloud's operator)");
        command.Subcommands.Add(Get(context));
        command.Subcommands.Add(Set(context));
        command.Subcommands.Add(SignInProviderCommand.Create(context));
        return command;
    }

    /// <summary>Runs something with the operator's right.</summary>
    public static async Task<int> WithAsync(CommandContext context, ParseResult parsed, Func<SignInConfiguration, Task> work, CancellationToken ct)
    {
        using var client = await context.ConnectAsync(parsed, ct).ConfigureAwait(false);
        try
        {
            await work(new SignInConfiguration(client)).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCodes.Usage, e.Message);
        }
    }

    private static Command Get(CommandContext context)
    {
        var format = CommandContext.Format();
        var command = new Command("get", "Show how people get in, and what of it cannot be read\n\nExample:\n  sealos sign-in get -o yaml") { format };
        command.SetAction((parsed, ct) => WithAsync(context, parsed, async settings => Print(context, parsed.GetValue(format), await settings.ReadAsync(ct).ConfigureAwait(false)), ct));
        return command;
    }

    private static Command Set(CommandContext context)
    {
        var signUp = new Option<string?>("--sign-up") { Description = "Who may become a user by themselves: open (everybody), invitation, or off", HelpName = "MODE" };
        var factor = new Option<string?>("--second-factor") { Description = "Who must have a second factor: optional, operators, or everybody", HelpName = "WHO" };
        var command = new Command("set", "Change how people get in\n\nExample:\n  sealos sign-in set --sign-up invitation --second-factor operators") { signUp, factor };
        command.SetAction((parsed, ct) => WithAsync(context, parsed, async settings =>
        {
            var mode = Parse<SignUpMode>(parsed.GetValue(signUp), "--sign-up");
            var demand = Parse<SecondFactorRule>(parsed.GetValue(factor), "--second-factor");
            if (mode is null && demand is null)
            {
                throw new CliException(ExitCodes.Usage, "say what to change: --sign-up or --second-factor");
            }

            if (mode is SignUpMode.Open or SignUpMode.Invitation)
            {
                context.RequireOthers(parsed);
            }

            var now = await settings.SetAsync(mode, demand, ct).ConfigureAwait(false);
            context.Terminal.Say($"Sign-up is {SignInSettings.Write(now.SignUp)}; a second factor is needed by {(now.SecondFactor == SecondFactorRule.Optional ? "nobody" : SignInSettings.Write(now.SecondFactor))}.");
            if (mode is not null && now.AdmitsStrangers)
            {
                context.Terminal.Say(SignInView.StrangersNotice);
            }
        }, ct));
        return command;
    }

    private static T? Parse<T>(string? text, string option)
        where T : struct, Enum => text is null ? null : SignInSettings.Parse<T>(text) ?? throw new CliException(ExitCodes.Usage, $"{option}: '{text}' is none of {SignInSettings.Choices<T>()}");

    private static void Print(CommandContext context, OutputFormat format, SignInSettings settings)
    {
        var view = SignInView.Of(settings);
        if (format != OutputFormat.Table)
        {
            context.Terminal.Document(JsonSerializer.SerializeToNode(view, Json)!, format);
            return;
        }

        context.Terminal.Line($"{"sign-up",-14} {view.SignUp}");
        context.Terminal.Line($"{"second factor",-14} {view.SecondFactor}");
        context.Terminal.Line($"{"providers",-14} {(view.Providers.Count == 0 ? "none" : string.Join(", ", view.Providers.Select(p => p.Id)))}");
        foreach (var problem in view.Problems)
        {
            context.Terminal.Say($"Cannot be read: {problem}");
        }
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Host.Components;

namespace Sealos.Cli.Commands.Component;

/// <summary>The components of a cloud as its API tells of them, so that every cloud can be asked, of whatever version and from afar.</summary>
internal sealed class ComponentScope(CommandContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static Argument<string> Name() => new("NAME") { Description = "The component's name, as 'sealos component list' shows it" };

    public static Option<int> Timeout() => new("--timeout") { Description = "Seconds to wait until it is done", DefaultValueFactory = _ => 60, HelpName = "SECONDS" };

    /// <summary>Runs something on a connection and closes it.</summary>
    public async Task<int> WithAsync(ParseResult parsed, Func<KubeClient, Task<int>> work, CancellationToken ct)
    {
        using var client = await context.ConnectAsync(parsed, ct).ConfigureAwait(false);
        return await work(client).ConfigureAwait(false);
    }

    /// <summary>Every component, each after those it needs.</summary>
    public static async Task<IReadOnlyList<CloudComponent>> ListAsync(KubeClient client, CancellationToken ct)
    {
        try
        {
            var found = await client.ListAsync<CloudComponent>(null, null, ct).ConfigureAwait(false);
            return [.. found.Items.OrderBy(c => c.Status?.Needs?.Count ?? 0).ThenBy(c => c.Metadata.Name, StringComparer.Ordinal)];
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            throw new CliException(ExitCodes.NotFound, "this cluster has no components: it is no cloud of Sealos', or one that has never been started");
        }
    }

    /// <summary>One that must be there.</summary>
    public static CloudComponent Get(IReadOnlyList<CloudComponent> all, string name) =>
        all.FirstOrDefault(c => c.Metadata.Name == name)
        ?? throw new CliException(ExitCodes.NotFound, $"there is no component '{name}'; there are {string.Join(", ", all.Select(c => c.Metadata.Name))}");

    /// <summary>Says what is wanted of a component, and returns the object as it is then.</summary>
    public static Task<CloudComponent> SetAsync(KubeClient client, string name, CloudComponentSpec spec, CancellationToken ct) =>
        client.PatchAsync<CloudComponent>(null, name, new JsonObject { ["spec"] = new JsonObject { ["enabled"] = spec.Enabled, ["keepObjects"] = spec.KeepObjects } }, null, ct);

    /// <summary>Waits until a component has come to the state that was asked for.</summary>
    public async Task<CloudComponent> WaitAsync(KubeClient client, CloudComponent wanted, string state, TimeSpan timeout, CancellationToken ct)
    {
        var name = wanted.Metadata.Name!;
        var began = context.Time.GetTimestamp();
        while (true)
        {
            var now = await client.GetAsync<CloudComponent>(null, name, ct).ConfigureAwait(false);
            if (HasCome(now, wanted, state))
            {
                return now;
            }

            if (context.Time.GetElapsedTime(began) > timeout)
            {
                throw new CliException(ExitCodes.Timeout, $"{name} is {now.Status?.State ?? "unknown"} after {timeout.TotalSeconds:0} s and not {state}; 'sealos component list' shows how it goes on");
            }

            await Task.Delay(Pause, context.Time, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a component has come to a state since that was wanted.</summary>
    /// <exception cref="CliException">It never will, as it has failed.</exception>
    internal static bool HasCome(CloudComponent now, CloudComponent wanted, string state)
    {
        var isSeen = now.Status?.ObservedGeneration >= wanted.Metadata.Generation;
        return isSeen && now.Status!.State == "failed"
            ? throw new CliException(ExitCodes.Failed, $"{now.Metadata.Name} failed: {now.Status.Message}")
            : isSeen && now.Status!.State == state;
    }
}

using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Node;
using Sealos.Objects.Meta;
using Sealos.OsServices.SignIn;

namespace Sealos.OsServices.Users.Walls;

/// <summary>What is chosen for all workspaces, what holds of it, and what is to be known about that.</summary>
/// <param name="Settings">What is chosen, as it is written.</param>
/// <param name="InForce">What holds for a workspace for which nothing else is chosen.</param>
/// <param name="Problems">What cannot be read, a sentence each.</param>
/// <param name="Notes">What the operator should know, a sentence each.</param>
public sealed record WallView(IReadOnlyDictionary<string, string> Settings, WallsInForce InForce, IReadOnlyList<string> Problems, IReadOnlyList<string> Notes);

/// <summary>What holds for workspaces.</summary>
public sealed record WallsInForce(
    IReadOnlyDictionary<string, string> Quota, IReadOnlyDictionary<string, string> Limits, IReadOnlyDictionary<string, string> AutoExpand, string PodSecurity, PodsInForce Pods);

/// <summary>What holds for their pods.</summary>
public sealed record PodsInForce(string RuntimeClass, string ImagePullPolicy, string PriorityClass);

/// <summary>What an operator changes about the walls of all workspaces; each call needs the operator's own right.</summary>
public sealed class WallConfiguration(KubeClient client)
{
    private const int Tries = 5;

    /// <summary>Every setting there is.</summary>
    public static IReadOnlyList<string> Keys => WallChoice.Keys;

    /// <summary>What holds as things stand.</summary>
    public async Task<WallView> ReadAsync(CancellationToken ct) => await ViewAsync(await FindAsync(ct).ConfigureAwait(false), ct).ConfigureAwait(false);

    /// <summary>Changes the settings that are named; null takes one away.</summary>
    /// <exception cref="ArgumentException">There is no such setting, or it cannot be so; its parameter's name is the setting's.</exception>
    public async Task<WallView> SetAsync(IReadOnlyDictionary<string, string?> changes, CancellationToken ct)
    {
        for (var i = 1; ; i++)
        {
            var map = await FindAsync(ct).ConfigureAwait(false);
            var wanted = map ?? new ConfigMap { Metadata = new ObjectMeta { Name = WallSettings.Name, Namespace = SignInSettings.Namespace } };
            wanted.Data = Change(wanted.Data ?? [], changes);
            try
            {
                if (map is null)
                {
                    await client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = SignInSettings.Namespace } }, ct).ConfigureAwait(false);
                }

                return await ViewAsync(map is null ? await client.CreateAsync(wanted, ct).ConfigureAwait(false) : await client.UpdateAsync(wanted, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
            }
            catch (ApiException e) when ((e.IsConflict || e.IsAlreadyExists) && i < Tries)
            {
                // Somebody else changed it meanwhile: what is wanted is put into theirs.
            }
        }
    }

    internal static Dictionary<string, string> Change(IReadOnlyDictionary<string, string> data, IReadOnlyDictionary<string, string?> changes)
    {
        var changed = new Dictionary<string, string>(data, StringComparer.Ordinal);
        foreach (var (key, text) in changes)
        {
            if (text is null)
            {
                changed.Remove(key);
                continue;
            }

            // Alone, so that what is wrong beside it stands in nobody's way.
            if (WallChoice.Read(new Dictionary<string, string> { [key] = text }, new WallOptions()).Problems.FirstOrDefault() is { } problem)
            {
                throw new SettingException(key, problem.Split(';')[0]);
            }

            changed[key] = text;
        }

        return changed;
    }

    private Task<ConfigMap?> FindAsync(CancellationToken ct) => client.FindAsync<ConfigMap>(SignInSettings.Namespace, WallSettings.Name, ct);

    private async Task<WallView> ViewAsync(ConfigMap? map, CancellationToken ct)
    {
        var choice = WallChoice.Read(map?.Data, new WallOptions());
        var strangers = (await new SignInConfiguration(client).ReadAsync(ct).ConfigureAwait(false)).AdmitsStrangers;
        var runtime = choice.RuntimeClass ?? (strangers ? WallChoice.Gvisor : WallChoice.UsualRuntime);
        var notes = new List<string>();
        if (strangers)
        {
            notes.Add(SignInView.StrangersNotice);
        }

        if (runtime != WallChoice.UsualRuntime && await client.FindAsync<RuntimeClass>(null, runtime, ct).ConfigureAwait(false) is null)
        {
            notes.Add($"There is no runtime class '{runtime}', so new pods of workspaces are refused.");
        }

        return new WallView(
            map?.Data ?? [],
            new WallsInForce(
                Texts(choice.Options.Quota), Texts(choice.Options.ContainerDefaults), Texts(choice.Ceilings), choice.Options.PodSecurity,
                new PodsInForce(runtime, choice.ImagePullPolicy ?? (strangers ? WallChoice.AlwaysPull : WallChoice.AnyPullPolicy), choice.PriorityClass)),
            choice.Problems,
            notes);
    }

    private static Dictionary<string, string> Texts(IReadOnlyDictionary<string, Quantity> quantities) => quantities.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal);
}

/// <summary>A setting that there is not, or that cannot be so.</summary>
public sealed class SettingException(string key, string problem) : ArgumentException(problem)
{
    /// <summary>The setting.</summary>
    public string Key => key;
}

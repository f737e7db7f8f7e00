using System.Text;
using System.Text.Json;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.SignIn.Identities;

namespace Sealos.OsServices.SignIn;

/// <summary>What an operator changes about how people get in; each call needs the operator's own right.</summary>
public sealed class SignInConfiguration(KubeClient client)
{
    private const string SecretType = "user.sealos.io/sign-in-provider";
    private const string SecretKey = "clientSecret";
    private const int LongestSecret = 1000;
    private const int Tries = 5;

    /// <summary>The settings as they stand.</summary>
    public async Task<SignInSettings> ReadAsync(CancellationToken ct) =>
        SignInSettings.Read(await client.FindAsync<ConfigMap>(SignInSettings.Namespace, SignInSettings.ConfigMapName, ct).ConfigureAwait(false));

    /// <summary>Changes what is given, and leaves what is null.</summary>
    public Task<SignInSettings> SetAsync(SignUpMode? signUp, SecondFactorRule? secondFactor, CancellationToken ct) => WriteAsync(
        (_, data) =>
        {
            if (signUp is { } mode)
            {
                data[SignInSettings.SignUpKey] = SignInSettings.Write(mode);
            }

            if (secondFactor is { } demand)
            {
                data[SignInSettings.SecondFactorKey] = SignInSettings.Write(demand);
            }
        },
        ct);

    /// <summary>Adds a provider, or replaces the one of its id; a null secret keeps the one there is.</summary>
    /// <exception cref="ArgumentException">It, or the secret, is wrong; the message names the field.</exception>
    public async Task<SignInSettings> SaveProviderAsync(IdentityProvider provider, string? secret, CancellationToken ct)
    {
        if (provider.Problem() is { } problem)
        {
            throw new ArgumentException(problem);
        }

        if (secret is not null && (secret.Length is 0 or > LongestSecret || secret.Any(char.IsControl)))
        {
            throw new ArgumentException("the client's secret must be one line of at most 1000 characters");
        }

        if (secret is not null)
        {
            await SaveSecretAsync(provider.Id, secret, ct).ConfigureAwait(false);
        }
        else if (await FindSecretAsync(provider.Id, ct).ConfigureAwait(false) is null)
        {
            throw new ArgumentException("the client's secret is needed: the provider is new");
        }

        return await WriteAsync(
            (now, data) =>
            {
                if (now.Provider(provider.Id) is null && now.Providers.Count >= SignInSettings.MostProviders)
                {
                    throw new ArgumentException($"there are {SignInSettings.MostProviders} providers already, which is the most there may be");
                }

                Put(now, data, now.Provider(provider.Id) is null ? [.. now.Providers, provider] : [.. now.Providers.Select(p => p.Id == provider.Id ? provider : p)]);
            },
            ct).ConfigureAwait(false);
    }

    /// <summary>Takes a provider away; those who linked it keep their users. False when there is none of the id.</summary>
    public async Task<bool> RemoveProviderAsync(string id, CancellationToken ct)
    {
        var isThere = false;
        await WriteAsync(
            (now, data) =>
            {
                isThere = now.Provider(id) is not null;
                if (isThere)
                {
                    Put(now, data, [.. now.Providers.Where(p => p.Id != id)]);
                }
            },
            ct).ConfigureAwait(false);
        if (isThere && await FindSecretAsync(id, ct).ConfigureAwait(false) is { } secret)
        {
            await client.DeleteExactlyAsync(secret, null, ct).ConfigureAwait(false);
        }

        return isThere;
    }

    /// <summary>The secret of a provider's client, or null.</summary>
    internal static async Task<string?> SecretOfAsync(KubeClient client, string id, CancellationToken ct) =>
        (await client.FindAsync<Secret>(SignInSettings.Namespace, SecretNameOf(id), ct).ConfigureAwait(false))?.Data?.GetValueOrDefault(SecretKey) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static string SecretNameOf(string id) => $"sign-in-provider-{id}";

    private static void Put(SignInSettings now, Dictionary<string, string> data, IReadOnlyList<IdentityProvider> providers)
    {
        // What cannot be read would be lost.
        if (now.Problems.FirstOrDefault(p => p.StartsWith(SignInSettings.ProvidersKey, StringComparison.Ordinal)) is { } problem)
        {
            throw new ArgumentException($"mend ConfigMap {SignInSettings.Namespace}/{SignInSettings.ConfigMapName} first: {problem}");
        }

        data[SignInSettings.ProvidersKey] = JsonSerializer.Serialize(providers, SignInSettings.Json);
    }

    private Task<Secret?> FindSecretAsync(string id, CancellationToken ct) => client.FindAsync<Secret>(SignInSettings.Namespace, SecretNameOf(id), ct);

    private async Task SaveSecretAsync(string id, string secret, CancellationToken ct)
    {
        await EnsureNamespaceAsync(ct).ConfigureAwait(false);
        var data = new Dictionary<string, byte[]> { [SecretKey] = Encoding.UTF8.GetBytes(secret) };
        if (await FindSecretAsync(id, ct).ConfigureAwait(false) is { } old)
        {
            old.Data = data;
            await client.UpdateAsync(old, ct).ConfigureAwait(false);
            return;
        }

        await client.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = SecretNameOf(id), Namespace = SignInSettings.Namespace }, Type = SecretType, Data = data }, ct).ConfigureAwait(false);
    }

    private async Task<SignInSettings> WriteAsync(Action<SignInSettings, Dictionary<string, string>> change, CancellationToken ct)
    {
        for (var i = 1; ; i++)
        {
            var map = await client.FindAsync<ConfigMap>(SignInSettings.Namespace, SignInSettings.ConfigMapName, ct).ConfigureAwait(false);
            var wanted = map ?? new ConfigMap { Metadata = new ObjectMeta { Name = SignInSettings.ConfigMapName, Namespace = SignInSettings.Namespace } };
            wanted.Data ??= [];
            change(SignInSettings.Read(map), wanted.Data);
            try
            {
                if (map is null)
                {
                    await EnsureNamespaceAsync(ct).ConfigureAwait(false);
                }

                return SignInSettings.Read(map is null ? await client.CreateAsync(wanted, ct).ConfigureAwait(false) : await client.UpdateAsync(wanted, ct).ConfigureAwait(false));
            }
            catch (ApiException e) when ((e.IsConflict || e.IsAlreadyExists) && i < Tries)
            {
                // Somebody else changed it meanwhile: what is wanted is put into theirs.
            }
        }
    }

    private Task EnsureNamespaceAsync(CancellationToken ct) => client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = SignInSettings.Namespace } }, ct);
}

using System.Text.Json;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn.Identities;

namespace Sealos.OsServices.SignIn;

/// <summary>Who may become a user of the cloud without its operator.</summary>
public enum SignUpMode
{
    /// <summary>Nobody.</summary>
    Off,

    /// <summary>Whoever brings an invitation.</summary>
    Invitation,

    /// <summary>Everybody, strangers too.</summary>
    Open,
}

/// <summary>Who must have a second factor.</summary>
public enum SecondFactorRule
{
    /// <summary>Whoever likes to.</summary>
    Optional,

    /// <summary>Those who run the cloud.</summary>
    Operators,

    /// <summary>Everybody.</summary>
    Everybody,
}

/// <summary>
/// How people get in, as ConfigMap <c>sign-in</c> of <c>sealos-system</c> says it. What is absent is as shut as the cloud is when it is new; what
/// cannot be read counts as the strictest that it could mean, and is named in <see cref="Problems"/>.
/// </summary>
public sealed record SignInSettings
{
    /// <summary>The namespace of the cloud's own settings.</summary>
    public const string Namespace = "sealos-system";

    /// <summary>The ConfigMap's name.</summary>
    public const string ConfigMapName = "sign-in";

    internal const string SignUpKey = "signUp";
    internal const string SecondFactorKey = "secondFactor";
    internal const string ProvidersKey = "providers";
    internal const int MostProviders = 20;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>What holds where nothing is said.</summary>
    public static SignInSettings Usual { get; } = new();

    /// <summary>Who may become a user.</summary>
    public SignUpMode SignUp { get; init; }

    /// <summary>Who must have a second factor.</summary>
    public SecondFactorRule SecondFactor { get; init; }

    /// <summary>Whose word on who somebody is counts here.</summary>
    public IReadOnlyList<IdentityProvider> Providers { get; init; } = [];

    /// <summary>
    /// Whether strangers may be among those who run programs here: sign-up is open, a provider makes users, or nobody can tell, as what stands
    /// there cannot be read. It opens nothing; it says against whom to be on guard.
    /// </summary>
    public bool AdmitsStrangers { get; init; }

    /// <summary>What cannot be read, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What a ConfigMap says; null says nothing.</summary>
    public static SignInSettings Read(ConfigMap? map)
    {
        var problems = new List<string>();
        var data = map?.Data;
        var signUp = Choose(data, SignUpKey, SignUpMode.Off, SignUpMode.Off, problems);
        var isSignUpUnread = problems.Count > 0;
        var providerProblems = new List<string>();
        var providers = ReadProviders(data?.GetValueOrDefault(ProvidersKey), providerProblems);
        var secondFactor = Choose(data, SecondFactorKey, SecondFactorRule.Optional, SecondFactorRule.Everybody, problems);
        return new SignInSettings
        {
            SignUp = signUp,
            SecondFactor = secondFactor,
            Providers = providers,
            AdmitsStrangers = isSignUpUnread || signUp == SignUpMode.Open || (signUp != SignUpMode.Off && (providerProblems.Count > 0 || providers.Exists(p => p.SignUp))),
            Problems = [.. problems, .. providerProblems],
        };
    }

    /// <summary>One of a setting's values as it is written; null when it is none.</summary>
    public static T? Parse<T>(string? text)
        where T : struct, Enum => Enum.GetValues<T>().Cast<T?>().FirstOrDefault(v => Write(v!.Value) == text);

    /// <summary>A value as it is written.</summary>
    public static string Write<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>A setting's values as they are written.</summary>
    public static string Choices<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(Write));

    /// <summary>A provider by its id, or null.</summary>
    public IdentityProvider? Provider(string? id) => Providers.FirstOrDefault(p => p.Id == id);

    private static T Choose<T>(Dictionary<string, string>? data, string key, T absent, T wrong, List<string> problems)
        where T : struct, Enum
    {
        if (data?.TryGetValue(key, out var text) != true)
        {
            return absent;
        }

        if (Parse<T>(text) is { } value)
        {
            return value;
        }

        problems.Add($"{key} is none of {Choices<T>()}; it counts as {Write(wrong)}.");
        return wrong;
    }

    private static List<IdentityProvider> ReadProviders(string? text, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        List<IdentityProvider?>? all = null;
        try
        {
            all = JsonSerializer.Deserialize<List<IdentityProvider?>>(text, Json);
        }
        catch (JsonException)
        {
            // Said below, without what stands there.
        }

        if (all is null)
        {
            problems.Add($"{ProvidersKey} is not a JSON list of providers; there are none.");
            return [];
        }

        var good = new List<IdentityProvider>();
        foreach (var (provider, index) in all.Select((p, i) => (p, i)))
        {
            var problem = provider is null ? "it is null"
                : provider.Problem() ?? (good.Exists(g => g.Id == provider.Id) ? "its id is that of another" : good.Count >= MostProviders ? $"there are {MostProviders} already" : null);
            if (problem is null)
            {
                good.Add(provider!);
            }
            else
            {
                problems.Add($"{ProvidersKey}[{index}] is left out: {problem}.");
            }
        }

        return good;
    }
}

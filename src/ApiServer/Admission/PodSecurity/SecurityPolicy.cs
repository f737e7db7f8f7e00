using System.Globalization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Admission.PodSecurity;

/// <summary>How much pods may do, from everything to next to nothing.</summary>
internal enum SecurityLevel
{
    Privileged,
    Baseline,
    Restricted,
}

/// <summary>A level as Kubernetes 1.<see cref="Minor"/> meant it; the newest when there is no number.</summary>
internal readonly record struct LevelVersion(SecurityLevel Level, int? Minor)
{
    /// <summary>Whether the rules of Kubernetes 1.<paramref name="minor"/> hold already.</summary>
    public bool IsAtLeast(int minor) => Minor is null || Minor >= minor;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SecurityPolicy.Name(Level)}:{(Minor is { } minor ? $"v1.{minor}" : "latest")}");
}

/// <summary>What a namespace's labels ask for: which pods are refused, noted or warned about.</summary>
internal sealed record SecurityPolicy(LevelVersion Enforce, LevelVersion Audit, LevelVersion Warn)
{
    private const string Prefix = "pod-security.kubernetes.io/";
    private static readonly SecurityPolicy Default = new(default, default, default);

    /// <summary>Labels that cannot be understood.</summary>
    public IReadOnlyList<FieldError> Errors { get; private init; } = [];

    public bool IsFullyPrivileged => Errors.Count == 0 && Enforce.Level == SecurityLevel.Privileged && Audit.Level == SecurityLevel.Privileged && Warn.Level == SecurityLevel.Privileged;

    public static string Name(SecurityLevel level) => level switch
    {
        SecurityLevel.Privileged => "privileged",
        SecurityLevel.Baseline => "baseline",
        _ => "restricted",
    };

    public static SecurityPolicy Parse(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null || !labels.Keys.Any(label => label.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            return Default;
        }

        // What cannot be understood refuses the most, and is noted or warned about the least.
        var errors = new List<FieldError>();
        var enforce = Mode(labels, "enforce", SecurityLevel.Restricted, errors);
        var audit = Mode(labels, "audit", SecurityLevel.Privileged, errors);
        var warn = Mode(labels, "warn", SecurityLevel.Privileged, errors);
        var isEnforceGiven = labels.TryGetValue(Prefix + "enforce", out var given) && Level(given) is not null;
        if (isEnforceGiven && !labels.ContainsKey(Prefix + "warn") && enforce.Level > warn.Level)
        {
            warn = new LevelVersion(enforce.Level, labels.ContainsKey(Prefix + "warn-version") ? warn.Minor : enforce.Minor);
        }

        return new SecurityPolicy(enforce, audit, warn) { Errors = errors };
    }

    private static LevelVersion Mode(IReadOnlyDictionary<string, string> labels, string mode, SecurityLevel fallback, List<FieldError> errors)
    {
        var level = SecurityLevel.Privileged;
        if (labels.TryGetValue(Prefix + mode, out var text))
        {
            level = Level(text) ?? fallback;
            if (Level(text) is null)
            {
                errors.Add(Error(mode, text, "must be one of privileged, baseline, restricted"));
            }
        }

        int? minor = null;
        if (labels.TryGetValue($"{Prefix}{mode}-version", out var version) && version != "latest")
        {
            minor = Minor(version);
            if (minor is null)
            {
                errors.Add(Error(mode + "-version", version, "must be \"latest\" or \"v1.x\""));
            }
        }

        return new LevelVersion(level, minor);
    }

    private static SecurityLevel? Level(string text) => text switch
    {
        "privileged" => SecurityLevel.Privileged,
        "baseline" => SecurityLevel.Baseline,
        "restricted" => SecurityLevel.Restricted,
        _ => null,
    };

    private static int? Minor(string version) =>
        version.StartsWith("v1.", StringComparison.Ordinal) && int.TryParse(version.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && (version.Length == 4 || version[3] != '0')
            ? minor
            : null;

    private static FieldError Error(string label, string value, string why) =>
        new(FieldErrorType.Invalid, $"metadata.labels[{Prefix}{label}]", $"\"{value}\"", why);
}

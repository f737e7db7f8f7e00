using System.Security.Cryptography;

namespace Sealos.OsServices.Apps;

/// <summary>Labels, annotations and generated names of launchpad apps, all Sealos's own.</summary>
internal static class AppNames
{
    public const string ManagerLabel = "cloud.sealos.io/app-deploy-manager";
    public const string DomainLabel = "cloud.sealos.io/app-deploy-manager-domain";
    public const string AppLabel = "app";
    public const string RestartLabel = "restartTime";
    public const string ImageAnnotation = "originImageName";
    public const string MinReplicasAnnotation = "deploy.cloud.sealos.io/minReplicas";
    public const string MaxReplicasAnnotation = "deploy.cloud.sealos.io/maxReplicas";
    public const string IngressClassAnnotation = "kubernetes.io/ingress.class";
    public const string IngressClass = "nginx";
    public const string WildcardSecret = "wildcard-cert";

    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string LettersAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Fills in the names that are chosen once, when an app is first made.</summary>
    public static AppForm Complete(AppForm form, string domain) => form with
    {
        Ports = [.. form.Ports.Select(p =>
        {
            var prefix = p.HostPrefix ?? (p.IsPublic ? $"{form.Name}-{RandomNumberGenerator.GetString(LettersAndDigits, 8)}" : null);
            return p with
            {
                NetworkName = p.NetworkName ?? "network-" + RandomNumberGenerator.GetString(Letters, 12),
                HostPrefix = prefix,
                Host = p.Host ?? (prefix is null ? null : $"{prefix}.{domain}"),
            };
        })],
    };

    public static Dictionary<string, string> Labels(string app) => new() { [AppLabel] = app, [ManagerLabel] = app };

    /// <summary>Selects an app's instances.</summary>
    public static string Instances(string app) => $"{AppLabel}={app}";

    public static string Selector(string app) => $"{ManagerLabel}={app}";
}

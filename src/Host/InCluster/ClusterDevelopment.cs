using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;
using Sealos.Host.Configuration;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;

namespace Sealos.Host.InCluster;

/// <summary>
/// Runs the services on this machine against a cluster that exists, for development: its API server must reach this machine's loopback,
/// where admission listens.
/// </summary>
public static class ClusterDevelopment
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(397);

    /// <summary>Runs until SIGTERM.</summary>
    /// <param name="api">The cluster.</param>
    /// <param name="cloud">Domain, ports and folders.</param>
    /// <param name="time">The time.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<bool> RunAsync(KubeConfig api, CloudOptions cloud, TimeProvider time, CancellationToken ct)
    {
        using var client = new KubeClient(api, "sealos-server");
        await client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = ClusterOptions.Namespace } }, ct).ConfigureAwait(false);
        await new UserDirectory(client).PrepareAdminAsync(ct).ConfigureAwait(false);
        var survey = new ClusterSurvey(client);
        var options = new ClusterOptions
        {
            Domain = cloud.Domain,
            PublicHttpsPort = cloud.HttpsPort,
            HttpPort = cloud.HttpPort,
            HttpsPort = cloud.HttpsPort,
            ApiServer = api.Server,
            ApiAuthority = api.CertificateAuthorityPem,
            FollowsNodes = true,
            PodRanges = await survey.PodRangesAsync(null, ct).ConfigureAwait(false),
            ServiceRanges = await survey.ServiceRangesAsync(null, ct).ConfigureAwait(false),
            StorageClasses = await survey.StorageClassesAsync(ct).ConfigureAwait(false),
            SingleUser = cloud.SingleUser,
            RunFolder = cloud.RunFolder,
            TlsFolder = Path.Combine(cloud.DataFolder, "tls"),
        };
        var problems = options.Validate().ToList();
        if (problems.Count > 0)
        {
            throw new InvalidDataException(string.Join("\nerror: ", problems));
        }

        WriteCertificate(options, time);
        return await ClusterProcess.RunAsync(options, api, time, ct).ConfigureAwait(false);
    }

    private static void WriteCertificate(ClusterOptions options, TimeProvider time)
    {
        Directory.CreateDirectory(options.TlsFolder, Private | UnixFileMode.UserExecute);
        var (certificate, key) = (Path.Combine(options.TlsFolder, "ca.crt"), Path.Combine(options.TlsFolder, "ca.key"));
        using var authority = File.Exists(certificate) && File.Exists(key)
            ? CertificateAuthority.Load(new KeyPair(File.ReadAllText(certificate), File.ReadAllText(key)), time)
            : CertificateAuthority.Create($"Sealos local authority ({options.Domain})", time);
        var server = authority.IssueServer([options.Domain, $"*.{options.Domain}"], [], Lifetime);
        foreach (var (name, text) in new[] { ("ca.key", authority.Pair.KeyPem), ("ca.crt", authority.Pair.CertificatePem), ("tls.key", server.KeyPem), ("tls.crt", server.CertificatePem + "\n" + authority.Pair.CertificatePem) })
        {
            AtomicFile.Write(Path.Combine(options.TlsFolder, name), System.Text.Encoding.ASCII.GetBytes(text), Private);
        }
    }
}

namespace Sealos.ApiServer.Tests.Support;

/// <summary>Bodies that tests share.</summary>
public static class Samples
{
    public static string Deployment(string name) =>
        """{"metadata":{"name":"NAME"},"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"nginx:1"}]}}}}""".Replace("NAME", name, StringComparison.Ordinal);

    public static string Pod(string name, string spec = "") =>
        """{"metadata":{"name":"NAME"},"spec":{SPEC"containers":[{"name":"c","image":"nginx:1"}]}}""".Replace("NAME", name, StringComparison.Ordinal).Replace("SPEC", spec, StringComparison.Ordinal);

    public static string Node(string name, int kubeletPort = 10250) =>
        """{"metadata":{"name":"NAME"},"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":PORT}}}}"""
            .Replace("NAME", name, StringComparison.Ordinal).Replace("PORT", kubeletPort.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}

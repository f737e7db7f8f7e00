using System.Globalization;
using Sealos.Kinds.Core;

namespace Sealos.Node.Pods.Config;

/// <summary>The variables by which a container finds services without DNS. Pure.</summary>
internal static class ServiceEnvironment
{
    /// <summary>Variables for the services of the pod's namespace, if the pod wants them, and always for the API's own.</summary>
    public static Dictionary<string, string> Build(Pod pod, IEnumerable<Service> services)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        var wantsAll = pod.Spec?.EnableServiceLinks ?? true;
        foreach (var service in services.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal))
        {
            var isApi = service.Metadata is { Name: "kubernetes", Namespace: "default" };
            if (service.Spec is { ClusterIP: { Length: > 0 } and not "None" } && (isApi || (wantsAll && service.Metadata.Namespace == pod.Namespace)))
            {
                Add(result, service);
            }
        }

        return result;
    }

    private static void Add(Dictionary<string, string> result, Service service)
    {
        var ports = service.Spec!.Ports ?? [];
        if (ports.Count == 0)
        {
            return;
        }

        var ip = service.Spec.ClusterIP!;
        var prefix = ToVariable(service.Metadata.Name ?? "");
        result[prefix + "_SERVICE_HOST"] = ip;
        result[prefix + "_SERVICE_PORT"] = Number(ports[0].Port);
        foreach (var port in ports.Where(p => !string.IsNullOrEmpty(p.Name)))
        {
            result[$"{prefix}_SERVICE_PORT_{ToVariable(port.Name!)}"] = Number(port.Port);
        }

        for (var i = 0; i < ports.Count; i++)
        {
            var number = Number(ports[i].Port);
            var protocol = string.IsNullOrEmpty(ports[i].Protocol) ? "TCP" : ports[i].Protocol!;
            var url = $"{protocol.ToLowerInvariant()}://{ip}:{number}";
            var name = $"{prefix}_PORT_{number}_{protocol.ToUpperInvariant()}";
            if (i == 0)
            {
                result[prefix + "_PORT"] = url;
            }

            result[name] = url;
            result[name + "_PROTO"] = protocol.ToLowerInvariant();
            result[name + "_PORT"] = number;
            result[name + "_ADDR"] = ip;
        }
    }

    private static string ToVariable(string name) => name.Replace('-', '_').ToUpperInvariant();

    private static string Number(int? port) => (port ?? 0).ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.EndpointSlices;

/// <summary>Builds slices as they are written.</summary>
internal static class SliceBuilder
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";
    public const string HeadlessLabel = "service.kubernetes.io/headless";
    public const string LastChangeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

    /// <summary>The Service's labels and those that make the slice its own.</summary>
    public static Dictionary<string, string> Labels(Service service)
    {
        var labels = new Dictionary<string, string>((service.Metadata.Labels ?? []).Where(l => l.Key is not (ServiceLabel or ManagedByLabel or HeadlessLabel)))
        {
            [ServiceLabel] = service.Metadata.Name!,
            [ManagedByLabel] = ManagedBy,
        };
        if (ServiceBackends.IsHeadless(service))
        {
            labels[HeadlessLabel] = "";
        }

        return labels;
    }

    public static EndpointSlice Build(Service service, SliceContent content, DateTimeOffset? lastChange) =>
        Build(service, content, Labels(service), Annotations(content.Known?.Metadata.Annotations, lastChange));

    /// <summary>A slice with this content, of the object that owns it.</summary>
    public static EndpointSlice Build<T>(T owner, SliceContent content, Dictionary<string, string> labels, Dictionary<string, string> annotations)
        where T : class, IKubeObject<T>, new()
    {
        var known = content.Known?.Metadata;
        return new EndpointSlice
        {
            Metadata = new ObjectMeta
            {
                Name = known?.Name,
                GenerateName = owner.Metadata.Name + "-",
                Namespace = owner.Metadata.Namespace,
                ResourceVersion = known?.ResourceVersion,
                Uid = known?.Uid,
                Labels = labels,
                Annotations = annotations,
                OwnerReferences = [Owners.ControllerReference(owner)],
                Finalizers = known?.Finalizers,
            },
            AddressType = "IPv4",
            Endpoints = content.Endpoints.Count == 0 ? null : content.Endpoints,
            Ports = content.Ports,
        };
    }

    public static Dictionary<string, string> Annotations(Dictionary<string, string>? known, DateTimeOffset? lastChange)
    {
        var annotations = new Dictionary<string, string>(known ?? []);
        if (lastChange is { } time)
        {
            annotations[LastChangeAnnotation] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return annotations;
    }

    /// <summary>Whether a slice's labels are the Service's.</summary>
    public static bool HasLabels(EndpointSlice slice, Service service) => AreSame(Labels(service), slice.Metadata.Labels);

    /// <summary>Whether labels or annotations are these and no more.</summary>
    public static bool AreSame(Dictionary<string, string> wanted, Dictionary<string, string>? has) =>
        wanted.Count == (has?.Count ?? 0) && LabelSelectors.Matches(wanted, has);
}

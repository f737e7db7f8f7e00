using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Ingresses that name no class get the one marked as default; of several, the newest.</summary>
internal sealed class DefaultIngressClass(KindCache ingressClasses) : AdmissionPlugin
{
    private const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation == Operation.Create && attributes.Concerns("networking.k8s.io", "ingresses")
            && attributes.Object.Child("spec") is { } spec && spec["ingressClassName"] is null
            && attributes.Object.Child("metadata", "annotations")?[ClassAnnotation] is null
            && FindDefault() is { } name)
        {
            spec["ingressClassName"] = name;
        }

        return ValueTask.CompletedTask;
    }

    private string? FindDefault()
    {
        using var list = ingressClasses.List(null);
        string? best = null;
        var newest = "";
        foreach (var cached in list.Items)
        {
            var metadata = cached.Parse().Child("metadata");
            var created = metadata.Text("creationTimestamp") ?? "";
            if (metadata.Child("annotations").Text(DefaultAnnotation) == "true" && string.CompareOrdinal(created, newest) > 0)
            {
                best = cached.Name;
                newest = created;
            }
        }

        return best;
    }
}

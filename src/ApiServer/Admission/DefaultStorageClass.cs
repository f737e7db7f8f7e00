using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>Claims that name no storage class get the one marked as default; of several, the newest.</summary>
internal sealed class DefaultStorageClass(KindCache classes) : AdmissionPlugin
{
    private const string OldClass = "volume.beta.kubernetes.io/storage-class";
    private static readonly string[] Marks = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        // An empty name is a choice, too: that of no class.
        if (attributes.Operation == Operation.Create && attributes.Concerns("", "persistentvolumeclaims")
            && attributes.Object.Child("spec") is { } spec && spec["storageClassName"] is null
            && attributes.Object.Child("metadata", "annotations")?[OldClass] is null
            && FindDefault() is { } name)
        {
            spec["storageClassName"] = name;
        }

        return ValueTask.CompletedTask;
    }

    private string? FindDefault()
    {
        using var list = classes.List(null);
        (string Name, string Created)? best = null;
        foreach (var cached in list.Items)
        {
            var metadata = cached.Parse().Child("metadata");
            var created = metadata.Text("creationTimestamp") ?? "";
            var isNewer = best is not { } known || string.CompareOrdinal(created, known.Created) is var order && (order > 0 || (order == 0 && string.CompareOrdinal(cached.Name, known.Name) < 0));
            if (isNewer && Array.Exists(Marks, m => metadata.Child("annotations").Text(m) == "true"))
            {
                best = (cached.Name, created);
            }
        }

        return best?.Name;
    }
}

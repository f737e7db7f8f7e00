using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Admission;

/// <summary>Nothing is created in a namespace that is missing or going, and the system's namespaces cannot be deleted.</summary>
internal sealed class NamespaceLifecycle(KindCache namespaces) : AdmissionPlugin
{
    private static readonly string[] Immortal = ["default", "kube-system", "kube-public"];

    public override ValueTask MutateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation == Operation.Delete && attributes.Concerns("", "namespaces") && Immortal.Contains(attributes.Name))
        {
            throw attributes.Forbidden("this namespace may not be deleted");
        }

        // Reviews have no namespaced storage, and are asked about namespaces that do not exist.
        if (attributes.Operation == Operation.Create && attributes.Resource is { IsNamespaced: true, IsStored: true })
        {
            CheckNamespace(attributes);
        }

        return ValueTask.CompletedTask;
    }

    private void CheckNamespace(AdmissionAttributes attributes)
    {
        var name = attributes.Namespace;
        var found = namespaces.Get("", name) ?? throw ApiException.NotFound("", "namespaces", name);
        if (found.Fields is ["Terminating", ..])
        {
            throw new ApiException(403, "Forbidden", $"{Qualified(attributes)} \"{attributes.ShownName}\" is forbidden: unable to create new content in namespace {name} because it is being terminated")
            {
                Details = new StatusDetails
                {
                    Name = attributes.ShownName,
                    Group = attributes.Resource.Group,
                    Kind = attributes.Resource.Plural,
                    Causes = [new StatusCause("NamespaceTerminating", $"namespace {name} is being terminated", "metadata.namespace")],
                },
            };
        }
    }

    private static string Qualified(AdmissionAttributes attributes) =>
        attributes.Resource.Group.Length == 0 ? attributes.Resource.Plural : $"{attributes.Resource.Plural}.{attributes.Resource.Group}";
}

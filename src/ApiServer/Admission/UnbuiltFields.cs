using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// What nothing in this cloud can do yet is refused when it is asked for, not later by whoever would have to do it. A
/// workload whose pods would be refused is stored with a warning, as Kubernetes does where its own rules forbid pods.
/// </summary>
internal sealed class UnbuiltFields(RuntimeOffer runtimes) : AdmissionPlugin
{
    private static readonly string[] Workloads = ["daemonsets", "deployments", "replicasets", "statefulsets"];

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var spec = attributes.Object.Child("spec");
        if (attributes.Operation is Operation.Create or Operation.Update && attributes.Subresource is null && spec is not null)
        {
            Judge(attributes, spec);
        }

        return ValueTask.CompletedTask;
    }

    private void Judge(AdmissionAttributes attributes, JsonObject spec)
    {
        switch ((attributes.Resource.Group, attributes.Resource.Plural))
        {
            case ("", "pods") when attributes.Operation == Operation.Create:
                Refuse(attributes, UnbuiltPodFields.Find(spec, "spec", runtimes));
                break;
            case ("", "persistentvolumes"):
                Refuse(attributes, OfVolume(spec));
                break;
            case ("networking.k8s.io", "ingresses"):
                Refuse(attributes, OfIngress(spec));
                break;
            case ("networking.k8s.io", "networkpolicies") when !JsonNode.DeepEquals(spec, attributes.OldObject.Child("spec")):
                Refuse(attributes, NetworkPolicyLimits.Find(spec));
                break;
            case ("batch", "cronjobs"):
                Warn(attributes, spec.Child("jobTemplate", "spec") ?? [], attributes.OldObject.Child("spec", "jobTemplate", "spec"), "spec.jobTemplate.spec");
                break;
            case ("batch", "jobs"):
            case ("", "replicationcontrollers"):
                Warn(attributes, spec, attributes.OldObject.Child("spec"), "spec");
                break;
            case ("apps", var plural) when Workloads.Contains(plural):
                Warn(attributes, spec, attributes.OldObject.Child("spec"), "spec");
                break;
        }
    }

    private static void Refuse(AdmissionAttributes attributes, IEnumerable<FieldError> found)
    {
        var errors = found.ToList();
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(attributes.Resource.Group, attributes.Resource.Kind, attributes.ShownName, errors);
        }
    }

    private void Warn(AdmissionAttributes attributes, JsonObject spec, JsonObject? old, string path)
    {
        if (JsonNode.DeepEquals(spec["template"], old?["template"]))
        {
            return;
        }

        var found = UnbuiltPodFields.Find(spec.Child("template", "spec") ?? [], $"{path}.template.spec", runtimes);

        // Said once, however often a conflict makes the update start again.
        var warnings = attributes.Context.Warnings;
        warnings.AddRange(found.Select(error => $"{error}; its pods will not run").Except(warnings).ToList());
    }

    private static IEnumerable<FieldError> OfVolume(JsonObject spec)
    {
        if (spec.Text("persistentVolumeReclaimPolicy") == "Recycle")
        {
            yield return Error("spec.persistentVolumeReclaimPolicy", "Recycle is not built; use Delete or Retain");
        }
    }

    private static IEnumerable<FieldError> OfIngress(JsonObject spec)
    {
        const string Why = "backends other than services are not built yet";
        if (spec.Child("defaultBackend", "resource") is not null)
        {
            yield return Error("spec.defaultBackend.resource", Why);
        }

        var rule = 0;
        foreach (var paths in spec.Objects("rules").Select(r => r.Child("http").Objects("paths")))
        {
            var path = 0;
            foreach (var one in paths)
            {
                if (one.Child("backend", "resource") is not null)
                {
                    yield return Error($"spec.rules[{rule}].http.paths[{path}].backend.resource", Why);
                }

                path++;
            }

            rule++;
        }
    }

    private static FieldError Error(string field, string why) => new(FieldErrorType.Forbidden, field, null, why);
}

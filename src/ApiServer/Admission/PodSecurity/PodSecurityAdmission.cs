using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.PodSecurity;

/// <summary>
/// Holds pods to the level their namespace's labels name. Pods are refused; for workloads, whose pods would be, the
/// client is warned and the audit log told, and so is whoever raises the level of a namespace with pods that do not keep to it.
/// </summary>
internal sealed class PodSecurityAdmission(KindCache namespaces, KindCache pods) : AdmissionPlugin
{
    private const int MaxPodsChecked = 3000;
    private const string Annotations = "pod-security.kubernetes.io/";
    private static readonly string[] Judged = ["", "ephemeralcontainers", "resize"];

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation is Operation.Create or Operation.Update)
        {
            Judge(attributes);
        }

        return ValueTask.CompletedTask;
    }

    private void Judge(AdmissionAttributes attributes)
    {
        var resource = attributes.Resource;
        switch (resource.Group)
        {
            case "" when resource.Plural == "pods":
                JudgePod(attributes);
                break;
            case "" when resource.Plural == "namespaces":
                JudgeNamespace(attributes);
                break;
            case "" when resource.Plural is "podtemplates":
                Warn(attributes, attributes.Object.Child("template"));
                break;
            case "" when resource.Plural is "replicationcontrollers":
            case "apps" when resource.Plural is "deployments" or "replicasets" or "statefulsets" or "daemonsets":
            case "batch" when resource.Plural is "jobs":
                Warn(attributes, attributes.Object.Child("spec", "template"));
                break;
            case "batch" when resource.Plural is "cronjobs":
                Warn(attributes, attributes.Object.Child("spec", "jobTemplate", "spec", "template"));
                break;
        }
    }

    private SecurityPolicy PolicyOf(string @namespace) => SecurityPolicy.Parse(namespaces.Get("", @namespace)?.Labels);

    private void JudgePod(AdmissionAttributes attributes)
    {
        if (!Judged.Contains(attributes.Subresource ?? "") || attributes.Object.Child("spec") is not { } spec)
        {
            return;
        }

        var policy = PolicyOf(attributes.Namespace);
        if (policy.IsFullyPrivileged)
        {
            Note(attributes, "enforce-policy", policy.Enforce.ToString());
        }
        else if (attributes.Operation == Operation.Create || IsSignificant(spec, attributes.OldObject.Child("spec")))
        {
            Enforce(attributes, policy, new SecuritySubject(attributes.Object.Child("metadata"), spec));
        }
    }

    private static void Enforce(AdmissionAttributes attributes, SecurityPolicy policy, SecuritySubject subject)
    {
        Note(attributes, "enforce-policy", policy.Enforce.ToString());
        NoteErrors(attributes, policy);
        var findings = SecurityEvaluator.Evaluate(subject, policy.Enforce);
        var audited = policy.Audit == policy.Enforce ? findings : SecurityEvaluator.Evaluate(subject, policy.Audit);
        Note(attributes, policy.Audit, audited);
        if (findings.Count > 0)
        {
            throw attributes.Forbidden($"violates PodSecurity \"{policy.Enforce}\": {SecurityEvaluator.Describe(findings)}");
        }

        // What is not refused keeps to the level that is enforced.
        Warn(attributes, policy.Warn, policy.Warn == policy.Enforce ? [] : SecurityEvaluator.Evaluate(subject, policy.Warn));
    }

    private void Warn(AdmissionAttributes attributes, JsonObject? template)
    {
        if (attributes.Subresource is not null || template.Child("spec") is not { } spec || PolicyOf(attributes.Namespace) is not { IsFullyPrivileged: false } policy)
        {
            return;
        }

        NoteErrors(attributes, policy);
        var subject = new SecuritySubject(template.Child("metadata"), spec);
        var audited = SecurityEvaluator.Evaluate(subject, policy.Audit);
        Note(attributes, policy.Audit, audited);
        Warn(attributes, policy.Warn, policy.Warn == policy.Audit ? audited : SecurityEvaluator.Evaluate(subject, policy.Warn));
    }

    private static void Warn(AdmissionAttributes attributes, LevelVersion level, IReadOnlyList<SecurityFinding> findings)
    {
        var warning = Violation(level, findings);

        // Said once, however often a conflict makes the update start again.
        if (findings.Count > 0 && !attributes.Context.Warnings.Contains(warning))
        {
            attributes.Context.Warnings.Add(warning);
        }
    }

    private static void Note(AdmissionAttributes attributes, LevelVersion level, IReadOnlyList<SecurityFinding> findings)
    {
        if (findings.Count > 0)
        {
            Note(attributes, "audit-violations", Violation(level, findings));
        }
    }

    private static void NoteErrors(AdmissionAttributes attributes, SecurityPolicy policy)
    {
        if (policy.Errors.Count > 0)
        {
            Note(attributes, "error", "Failed to parse policy: " + string.Join(", ", policy.Errors));
        }
    }

    private static void Note(AdmissionAttributes attributes, string key, string text) => attributes.Context.AuditAnnotations[Annotations + key] = text;

    private static string Violation(LevelVersion level, IReadOnlyList<SecurityFinding> findings) => $"would violate PodSecurity \"{level}\": {SecurityEvaluator.Describe(findings)}";

    private void JudgeNamespace(AdmissionAttributes attributes)
    {
        if (attributes.Subresource is not null)
        {
            return;
        }

        var policy = SecurityPolicy.Parse(Labels(attributes.Object));
        var before = SecurityPolicy.Parse(Labels(attributes.OldObject));
        if (policy.Errors.Count > 0 && !policy.Errors.SequenceEqual(before.Errors))
        {
            throw ApiException.Invalid("", "Namespace", attributes.ShownName, policy.Errors);
        }

        var isStricter = policy.Enforce.Level > before.Enforce.Level || (policy.Enforce.Level != SecurityLevel.Privileged && policy.Enforce.Minor != before.Enforce.Minor);
        if (attributes.Operation == Operation.Update && isStricter)
        {
            var warnings = attributes.Context.Warnings;
            warnings.AddRange(WarningsAboutPods(attributes.Name, policy.Enforce).Except(warnings).ToList());
        }
    }

    private List<string> WarningsAboutPods(string @namespace, LevelVersion enforce)
    {
        using var list = pods.List(@namespace);
        var violations = new SortedDictionary<string, (string Pod, int Count)>(StringComparer.Ordinal);
        foreach (var cached in list.Items[..Math.Min(list.Count, MaxPodsChecked)])
        {
            var pod = cached.Parse();
            var findings = SecurityEvaluator.Evaluate(new SecuritySubject(pod.Child("metadata"), pod.Child("spec") ?? []), enforce);
            if (findings.Count > 0)
            {
                var reason = string.Join(", ", findings.Select(f => f.Reason));
                violations[reason] = violations.TryGetValue(reason, out var seen) ? (seen.Pod, seen.Count + 1) : (cached.Name, 1);
            }
        }

        var warnings = new List<string>();
        if (list.Count > MaxPodsChecked)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"new PodSecurity enforce level only checked against the first {MaxPodsChecked} of {list.Count} existing pods"));
        }

        if (violations.Count > 0)
        {
            warnings.Add($"existing pods in namespace \"{@namespace}\" violate the new PodSecurity enforce level \"{enforce}\"");
        }

        warnings.AddRange(violations.Select(v => $"{v.Value.Pod}{Others(v.Value.Count - 1)}: {v.Key}").Order(StringComparer.Ordinal));
        return warnings;
    }

    private static string Others(int count) => count switch
    {
        0 => "",
        1 => " (and 1 other pod)",
        _ => string.Create(CultureInfo.InvariantCulture, $" (and {count} other pods)"),
    };

    private static IReadOnlyDictionary<string, string>? Labels(JsonObject? obj) => obj.Child("metadata").TextMap("labels");

    /// <summary>Of what can be changed about a pod, only its images and who is added to it can change what it may do.</summary>
    private static bool IsSignificant(JsonObject spec, JsonObject? old)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers", "ephemeralContainers"])
        {
            var before = old.Objects(list).ToDictionary(c => c.Text("name") ?? "", c => c.Text("image"));
            var now = spec.Objects(list).ToList();
            if (now.Count != before.Count || now.Any(c => !before.TryGetValue(c.Text("name") ?? "", out var image) || image != c.Text("image")))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Text.RegularExpressions;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Apps;

/// <summary>What is wrong with a field of a form and what is allowed.</summary>
public sealed record AppFieldError(string Field, string Message);

/// <summary>The rules of an app's form, checked before anything is sent.</summary>
public static partial class AppRules
{
    /// <summary>63 less Sealos's suffixes for services and pods.</summary>
    public const int LongestName = 25;

    /// <summary>The most instances of an app.</summary>
    public const int MostReplicas = 20;

    private const int LongestImage = 512;
    private const int LongestEnvironment = 1024 * 1024;

    /// <summary>Everything that is wrong with a form; empty when nothing is.</summary>
    public static IReadOnlyList<AppFieldError> Check(AppForm form)
    {
        var errors = new List<AppFieldError>();
        Require(errors, IsName(form.Name), "name", $"'{Show(form.Name)}' must be 1 to {LongestName} lower-case letters, digits or hyphens, with a letter first and no hyphen last");
        Require(errors, form.Image.Length <= LongestImage && ImagePattern().IsMatch(form.Image), "image", $"'{Show(form.Image)}' is not an image reference, such as nginx:1.27 or registry.example.com/team/app@sha256:…");
        CheckReplicas(errors, form.Replicas);
        CheckQuantity(errors, "cpu", form.Cpu, 0.01m, 128m, "from 10m to 128, such as 200m or 2");
        CheckQuantity(errors, "memory", form.Memory, 4m * 1024 * 1024, 1024m * 1024 * 1024 * 1024, "from 4Mi to 1Ti, such as 256Mi or 2Gi");
        CheckPorts(errors, form.Ports);
        CheckEnvironment(errors, form.Environment);
        return errors;
    }

    /// <summary>Whether an app may be called so.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <summary>The rules of the number of instances alone, for scaling.</summary>
    public static IReadOnlyList<AppFieldError> CheckReplicas(int replicas)
    {
        var errors = new List<AppFieldError>();
        CheckReplicas(errors, replicas);
        return errors;
    }

    private static void CheckReplicas(List<AppFieldError> errors, int replicas) =>
        Require(errors, replicas is >= 0 and <= MostReplicas, "replicas", $"{replicas} must be from 0 to {MostReplicas}");

    private static void CheckQuantity(List<AppFieldError> errors, string field, string text, decimal least, decimal most, string allowed) =>
        Require(errors, Quantity.TryParse(text, out var quantity) && quantity.Value >= least && quantity.Value <= most, field, $"'{Show(text)}' must be a quantity {allowed}");

    private static void CheckPorts(List<AppFieldError> errors, IReadOnlyList<AppPort> ports)
    {
        foreach (var port in ports)
        {
            Require(errors, port.Number is > 0 and < 65536, "port", $"{port.Number} must be from 1 to 65535");
        }

        foreach (var twice in ports.GroupBy(p => p.Number).Where(g => g.Count() > 1))
        {
            errors.Add(new AppFieldError("port", $"{twice.Key} is given twice"));
        }
    }

    private static void CheckEnvironment(List<AppFieldError> errors, IReadOnlyList<AppVariable> environment)
    {
        foreach (var variable in environment)
        {
            Require(errors, VariablePattern().IsMatch(variable.Name), "env", $"'{Show(variable.Name)}' is not a name of a variable: letters, digits, '_', '-' and '.', no digit first");
        }

        foreach (var twice in environment.GroupBy(v => v.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            errors.Add(new AppFieldError("env", $"'{Show(twice.Key)}' is given twice"));
        }

        Require(errors, environment.Sum(v => (long)v.Name.Length + v.Value.Length) <= LongestEnvironment, "env", "all variables together must stay under 1 MiB");
    }

    private static void Require(List<AppFieldError> errors, bool holds, string field, string message)
    {
        if (!holds)
        {
            errors.Add(new AppFieldError(field, message));
        }
    }

    // What a person typed may hold anything, control characters included; an error message must not.
    private static string Show(string text)
    {
        var clean = new string([.. text.Select(c => char.IsControl(c) ? '?' : c)]);
        return clean.Length > 60 ? clean[..57] + "..." : clean;
    }

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,23}[a-z0-9])?\\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?\\z", RegexOptions.None, 1000)]
    private static partial Regex ImagePattern();

    [GeneratedRegex("^[-._a-zA-Z][-._a-zA-Z0-9]*\\z")]
    private static partial Regex VariablePattern();
}

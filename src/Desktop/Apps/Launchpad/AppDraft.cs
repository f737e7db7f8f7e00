using System.Globalization;
using System.Text;
using System.Text.Json;
using Sealos.Kinds;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Apps;

namespace Sealos.Desktop.Apps.Launchpad;

/// <summary>An app's form as it is being typed: text, whatever it says.</summary>
internal sealed class AppDraft
{
    public string Name { get; set; } = "";

    public string Image { get; set; } = "";

    public string Port { get; set; } = "8080";

    public bool IsPublic { get; set; } = true;

    public string Replicas { get; set; } = "1";

    public string Cpu { get; set; } = "200m";

    public string Memory { get; set; } = "256Mi";

    /// <summary>A word a line.</summary>
    public string Command { get; set; } = "";

    /// <summary>A word a line.</summary>
    public string Arguments { get; set; } = "";

    /// <summary>KEY=VALUE a line, as in a .env file.</summary>
    public string Environment { get; set; } = "";

    /// <summary>The form this text means and everything that is wrong with it, each under its field.</summary>
    public (AppForm Form, IReadOnlyList<AppFieldError> Errors) Read()
    {
        var errors = new List<AppFieldError>();
        var form = new AppForm
        {
            Name = Name.Trim(),
            Image = Image.Trim(),
            Ports = Port.Trim().Length == 0 ? [] : [new AppPort { Number = Number("port", Port, errors, "from 1 to 65535, or nothing for an app that listens on no port"), IsPublic = IsPublic }],
            Replicas = Number("replicas", Replicas, errors, $"from 0 to {AppRules.MostReplicas}"),
            Cpu = Cpu.Trim(),
            Memory = Memory.Trim(),
            Command = Lines(Command),
            Arguments = Lines(Arguments),
            Environment = Variables(errors),
        };
        errors.AddRange(AppRules.Check(form).Where(e => !errors.Exists(known => known.Field == e.Field)));
        return (form, errors);
    }

    /// <summary>The objects the form becomes, as YAML.</summary>
    public static string Yaml(string workspace, AppForm form)
    {
        var text = new StringBuilder();
        foreach (var obj in Objects(workspace, form))
        {
            text.Append(text.Length == 0 ? "" : "---\n").Append(YamlText.Write(obj));
        }

        return text.ToString();
    }

    private static IEnumerable<System.Text.Json.Nodes.JsonNode?> Objects(string workspace, AppForm form)
    {
        yield return Node(AppObjects.Deployment(workspace, form));
        if (AppObjects.Service(workspace, form) is { } service)
        {
            yield return Node(service);
        }

        foreach (var ingress in AppObjects.Ingresses(workspace, form))
        {
            yield return Node(ingress);
        }
    }

    private static System.Text.Json.Nodes.JsonNode? Node<T>(T obj)
        where T : class, IKubeObject<T>, new()
    {
        obj.ApiVersion = T.KubeKind.ApiVersion;
        obj.Kind = T.KubeKind.Kind;
        return JsonSerializer.SerializeToNode(obj, KubeJson.Options);
    }

    private static int Number(string field, string text, List<AppFieldError> errors, string allowed)
    {
        if (int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        errors.Add(new AppFieldError(field, $"must be a whole number {allowed}"));
        return 0;
    }

    private static List<string> Lines(string text) => [.. text.Split('\n').Select(l => l.Trim('\r')).Where(l => l.Length > 0)];

    private List<AppVariable> Variables(List<AppFieldError> errors)
    {
        var variables = new List<AppVariable>();
        foreach (var line in Lines(Environment).Where(l => !l.TrimStart().StartsWith('#')))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                errors.Add(new AppFieldError("env", $"'{line}' is not of the form KEY=VALUE"));
                return [];
            }

            variables.Add(new AppVariable(line[..at].Trim(), line[(at + 1)..]));
        }

        return variables;
    }
}

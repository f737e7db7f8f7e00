using System.Text;
using System.Text.Json;

namespace Sealos.ApiServer.Watch;

/// <summary>The fields of a kind that field selectors may name, apart from metadata.name and metadata.namespace.</summary>
internal sealed class SelectableFields
{
    private readonly Node _root = new();
    private readonly int _source;
    private readonly int _reporter;

    private SelectableFields(string[] paths, bool isBuiltIn)
    {
        Paths = paths;
        for (var i = 0; i < paths.Length; i++)
        {
            var node = _root;
            foreach (var part in (isBuiltIn ? StoredAt(paths[i]) : paths[i]).Split('.'))
            {
                node = node.Child(part);
            }

            node.Index = i;
            node.IsShared = paths[i] is not ("status.podIP" or "spec.clusterIP" or "involvedObject.uid" or "involvedObject.name" or "involvedObject.resourceVersion" or "involvedObject.fieldPath");
        }

        _reporter = isBuiltIn ? IndexOf("reportingComponent") : -1;
        _source = isBuiltIn ? IndexOf("source") : -1;
    }

    /// <summary>The paths, as selectors write them.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Selectable fields as a definition names them.</summary>
    public static SelectableFields Of(IEnumerable<string> paths) => new([.. paths], isBuiltIn: false);

    /// <summary>The selectable fields of a kind.</summary>
    public static SelectableFields For(string group, string kind) => new((group, kind) switch
    {
        ("", "Pod") => ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
        ("", "Node") => ["spec.unschedulable"],
        ("", "Namespace") => ["status.phase"],
        ("", "Secret") => ["type"],
        ("", "Service") => ["spec.clusterIP", "spec.type"],
        ("", "ReplicationController") => ["status.replicas"],
        ("apps", "ReplicaSet") => ["status.replicas"],
        ("batch", "Job") => ["status.successful"],
        ("certificates.k8s.io", "CertificateSigningRequest") => ["spec.signerName"],
        ("", "Event") =>
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        _ => [],
    }, isBuiltIn: true);

    /// <summary>The position of a path, or -1 when the kind does not offer it.</summary>
    public int IndexOf(string path)
    {
        for (var i = 0; i < Paths.Count; i++)
        {
            if (Paths[i] == path)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Values of an object in which no field is set.</summary>
    public string[] NewValues()
    {
        if (Paths.Count == 0)
        {
            return [];
        }

        var values = new string[Paths.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Paths[i] is "spec.hostNetwork" or "spec.unschedulable" ? "false" : Paths[i] is "status.replicas" or "status.successful" ? "0" : "";
        }

        return values;
    }

    /// <summary>Fills in what a selector finds although the object does not say it there: who reported an event stands in either of two fields.</summary>
    public void Complete(string[] values)
    {
        if (_source >= 0 && values[_source].Length == 0)
        {
            values[_source] = values[_reporter];
        }
    }

    /// <summary>The node for the property the reader stands at, at the top of an object.</summary>
    public Node? Match(ref Utf8JsonReader reader) => _root.Match(ref reader);

    // Two selectors have names of their own.
    private static string StoredAt(string path) => path switch
    {
        "source" => "source.component",
        "status.successful" => "status.succeeded",
        _ => path,
    };

    /// <summary>A step of the paths.</summary>
    internal sealed class Node
    {
        private readonly List<(byte[] Name, Node Node)> _children = [];

        /// <summary>The path that ends here, or -1.</summary>
        public int Index { get; set; } = -1;

        /// <summary>Few values are shared by many objects, so one string serves them all.</summary>
        public bool IsShared { get; set; }

        public Node Child(string name)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            foreach (var (known, node) in _children)
            {
                if (known.AsSpan().SequenceEqual(utf8))
                {
                    return node;
                }
            }

            var child = new Node();
            _children.Add((utf8, child));
            return child;
        }

        public Node? Match(ref Utf8JsonReader reader)
        {
            foreach (var (name, node) in _children)
            {
                if (reader.ValueTextEquals(name))
                {
                    return node;
                }
            }

            return null;
        }

        /// <summary>Takes the value the reader stands at, leaving the reader at its end.</summary>
        public void Store(ref Utf8JsonReader reader, string[] values)
        {
            if (Index >= 0)
            {
                values[Index] = reader.TokenType switch
                {
                    JsonTokenType.String => IsShared ? Names.Intern(ref reader) : reader.GetString()!,
                    JsonTokenType.True => "true",
                    JsonTokenType.False => "false",
                    JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                    _ => values[Index],
                };
            }

            reader.Skip();
        }
    }
}

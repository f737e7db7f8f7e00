using System.Text.Json.Nodes;
using Sealos.ApiServer.Strategies;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>
/// Which names of a group are taken by which definition. A name is reserved while the definition that asks for it is written, so
/// that of two at once only one gets it, and each is answered with what it got.
/// </summary>
internal sealed class DefinitionNames
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Taken> _accepted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Taken> _pending = new(StringComparer.Ordinal);

    /// <summary>Follows the stored definitions; the group whose names became free, or null.</summary>
    public string? Follow(WatchEvent change)
    {
        var name = change.Subject.Name;
        lock (_gate)
        {
            var before = _accepted.GetValueOrDefault(name);
            if (change.Type == WatchEventType.Deleted)
            {
                _accepted.Remove(name);
                return before?.Group;
            }

            var now = Taken.By(DefinitionOutline.Read(change.Subject.Utf8));
            _accepted[name] = now;
            return before is not null && !(before.Resources.IsSubsetOf(now.Resources) && before.Kinds.IsSubsetOf(now.Kinds)) ? now.Group : null;
        }
    }

    /// <summary>Gives a definition the names it asks for as far as they are free, and says in its status how that went.</summary>
    public IReservation Reserve(JsonObject definition, DateTimeOffset now)
    {
        var name = definition.Child("metadata").Text("name")!;
        lock (_gate)
        {
            var group = definition.Child("spec").Text("group")!;
            var others = _accepted.Concat(_pending).Where(t => t.Key != name && t.Value.Group == group).Select(t => t.Value).ToList();
            Accept(definition, [.. others.SelectMany(o => o.Resources)], [.. others.SelectMany(o => o.Kinds)], now);
            _pending[name] = Taken.By(definition);
            return new Reservation(this, name);
        }
    }

    private static void Accept(JsonObject definition, HashSet<string> resources, HashSet<string> kinds, DateTimeOffset now)
    {
        var asked = definition.Child("spec", "names")!;
        var status = definition.Child("status")!;
        var got = status.Child("acceptedNames") ?? [];
        (string, string)? conflict = null;
        foreach (var (field, reason) in (ReadOnlySpan<(string, string)>)[("plural", "PluralConflict"), ("singular", "SingularConflict"), ("shortNames", "ShortNamesConflict"), ("kind", "KindConflict"), ("listKind", "ListKindConflict")])
        {
            var used = field is "kind" or "listKind" ? kinds : resources;
            var wanted = field == "shortNames" ? asked.Texts(field).Except(got.Texts(field)) : asked.Text(field) == got.Text(field) ? [] : [asked.Text(field)!];
            var refused = wanted.Where(used.Contains).Select(w => $"\"{w}\" is already in use").ToList();
            if (refused.Count > 0)
            {
                conflict = (reason, refused.Count == 1 ? refused[0] : $"[{string.Join(", ", refused)}]");
            }
            else
            {
                Copy(asked, got, field);
            }
        }

        Copy(asked, got, "categories");
        if (got.Parent is null)
        {
            status["acceptedNames"] = got;
        }

        Conditions.Set(definition, Conditions.NamesAccepted, conflict is null, conflict ?? ("NoConflicts", "no conflicts found"), now);
        if (!Conditions.IsTrue(definition, Conditions.Established))
        {
            Conditions.Set(definition, Conditions.Established, conflict is null, conflict is null ? ("InitialNamesAccepted", "the initial names have been accepted") : ("NotAccepted", "not all names are accepted"), now);
        }
    }

    private static void Copy(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }

    /// <summary>The names of one definition.</summary>
    private sealed record Taken(string Group, HashSet<string> Resources, HashSet<string> Kinds)
    {
        public static Taken By(JsonObject definition)
        {
            var names = definition.Child("status", "acceptedNames");
            string?[] resources = [names.Text("plural"), names.Text("singular"), .. names.Texts("shortNames")];
            string?[] kinds = [names.Text("kind"), names.Text("listKind")];
            return new Taken(definition.Child("spec").Text("group") ?? "", Set(resources), Set(kinds));
        }

        private static HashSet<string> Set(string?[] names) => [.. names.Where(n => !string.IsNullOrEmpty(n)).Select(n => n!)];
    }

    private sealed class Reservation(DefinitionNames names, string name) : IReservation
    {
        public void Commit() => End();

        public void Rollback() => End();

        private void End()
        {
            lock (names._gate)
            {
                names._pending.Remove(name);
            }
        }
    }
}

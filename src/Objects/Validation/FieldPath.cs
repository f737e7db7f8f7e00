using System.Globalization;
using System.Text;

namespace Sealos.Objects.Validation;

/// <summary>Where a walk through an object stands; turned into text only when there is something to say.</summary>
internal sealed class FieldPath
{
    private readonly List<(string? Name, int Index)> _steps = [];

    public void Enter(string name) => _steps.Add((name, 0));

    public void Enter(int index) => _steps.Add((null, index));

    public void Leave() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>The path to a field here, such as <c>spec.containers[0].name</c>.</summary>
    public string To(string name)
    {
        Enter(name);
        var text = ToString();
        Leave();
        return text;
    }

    /// <summary>The path by names alone, list indexes left out.</summary>
    public string Names() => string.Join('.', _steps.Where(s => s.Name is not null).Select(s => s.Name));

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, index) in _steps)
        {
            if (name is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{index}]");
            }
            else
            {
                text.Append(text.Length == 0 ? "" : ".").Append(name);
            }
        }

        return text.ToString();
    }
}

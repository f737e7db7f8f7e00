namespace Sealos.OsServices.SignIn;

/// <summary>How much is kept of each place that asked for it.</summary>
internal sealed class PlaceCounts
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public int Of(string place) => _counts.GetValueOrDefault(place);

    public void Add(string place) => _counts[place] = Of(place) + 1;

    public void Remove(string place)
    {
        if (Of(place) > 1)
        {
            _counts[place]--;
        }
        else
        {
            _counts.Remove(place);
        }
    }
}

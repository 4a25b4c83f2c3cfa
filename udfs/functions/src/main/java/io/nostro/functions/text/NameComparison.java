package io.nostro.functions.text;

import java.util.Arrays;

import static java.util.Objects.requireNonNull;

/**
 * Two names' words paired one to one, so that the pairs' Jaro-Winkler similarities, each weighted by the length of its words,
 * have the greatest sum; the score is that sum over the length of all words.
 */
final class NameComparison
{
    private final double score;
    private final int[] pairs;
    private final double[] similarities;

    private NameComparison(double score, int[] pairs, double[] similarities)
    {
        this.score = score;
        this.pairs = requireNonNull(pairs, "pairs is null");
        this.similarities = requireNonNull(similarities, "similarities is null");
    }

    double score()
    {
        return score;
    }

    /**
     * How many words the left name has.
     */
    int words()
    {
        return pairs.length;
    }

    /**
     * The right's word that is paired with a word of the left, or -1.
     */
    int pair(int word)
    {
        return pairs[word];
    }

    /**
     * How similar the two words of a pair are.
     */
    double similarity(int word)
    {
        return similarities[word];
    }

    static NameComparison compare(PersonName left, PersonName right)
    {
        int rows = left.words().size();
        int columns = right.words().size();
        int[] pairs = new int[rows];
        Arrays.fill(pairs, -1);
        double[] paired = new double[rows];
        if (rows == 0 || columns == 0) {
            return new NameComparison(rows == columns ? 1 : 0, pairs, paired);
        }
        double[][] similarities = new double[rows][columns];
        int size = Math.max(rows, columns);
        // a square of weights: words that are too many pair with none
        double[][] weights = new double[size][size];
        for (int i = 0; i < rows; i++) {
            byte[] leftWord = left.words().get(i);
            for (int j = 0; j < columns; j++) {
                byte[] rightWord = right.words().get(j);
                similarities[i][j] = JaroWinkler.similarity(leftWord, 0, leftWord.length, rightWord, 0, rightWord.length);
                weights[i][j] = similarities[i][j] * (leftWord.length + rightWord.length);
            }
        }
        int[] assigned = assign(weights);
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            if (assigned[i] < columns && similarities[i][assigned[i]] > 0) {
                pairs[i] = assigned[i];
                paired[i] = similarities[i][assigned[i]];
                sum += weights[i][assigned[i]];
            }
        }
        return new NameComparison(sum / (left.length() + right.length()), pairs, paired);
    }

    /**
     * The assignment of rows to columns with the greatest sum of weights, by the Hungarian method with potentials (Kuhn, Munkres), in
     * the cube of the size.
     */
    private static int[] assign(double[][] weights)
    {
        int size = weights.length;
        double[] rowPotential = new double[size + 1];
        double[] columnPotential = new double[size + 1];
        // rows and columns count from 1; 0 is where a path begins
        int[] rowOfColumn = new int[size + 1];
        int[] previous = new int[size + 1];
        for (int row = 1; row <= size; row++) {
            rowOfColumn[0] = row;
            int column = 0;
            double[] slack = new double[size + 1];
            Arrays.fill(slack, Double.POSITIVE_INFINITY);
            boolean[] visited = new boolean[size + 1];
            while (rowOfColumn[column] != 0) {
                visited[column] = true;
                int pathRow = rowOfColumn[column];
                double least = Double.POSITIVE_INFINITY;
                int nextColumn = 0;
                for (int candidate = 1; candidate <= size; candidate++) {
                    if (visited[candidate]) {
                        continue;
                    }
                    double reduced = -weights[pathRow - 1][candidate - 1] - rowPotential[pathRow] - columnPotential[candidate];
                    if (reduced < slack[candidate]) {
                        slack[candidate] = reduced;
                        previous[candidate] = column;
                    }
                    if (slack[candidate] < least) {
                        least = slack[candidate];
                        nextColumn = candidate;
                    }
                }
                for (int j = 0; j <= size; j++) {
                    if (visited[j]) {
                        rowPotential[rowOfColumn[j]] += least;
                        columnPotential[j] -= least;
                    }
                    else {
                        slack[j] -= least;
                    }
                }
                column = nextColumn;
            }
            while (column != 0) {
                rowOfColumn[column] = rowOfColumn[previous[column]];
                column = previous[column];
            }
        }
        int[] assigned = new int[size];
        for (int column = 1; column <= size; column++) {
            assigned[rowOfColumn[column] - 1] = column - 1;
        }
        return assigned;
    }
}

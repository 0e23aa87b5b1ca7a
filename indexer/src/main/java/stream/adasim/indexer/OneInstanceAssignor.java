package stream.adasim.indexer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.assignment.ApplicationState;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment.AssignedTask;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsState;
import org.apache.kafka.streams.processor.assignment.TaskAssignor;
import org.apache.kafka.streams.processor.assignment.TaskInfo;

/**
 * Gives all tasks to one instance, for a memory without shards: a search must see all of it. The
 * instance that has them keeps them; of the others, those that have copies come first, and as many
 * as there are standby replicas hold copies. Public because Kafka Streams makes it from its class.
 */
public final class OneInstanceAssignor implements TaskAssignor {

  @Override
  public TaskAssignment assign(ApplicationState application) {
    List<KafkaStreamsState> instances =
        new ArrayList<>(application.kafkaStreamsStates(false).values());
    instances.sort(
        Comparator.comparingInt((KafkaStreamsState s) -> s.previousActiveTasks().size())
            .thenComparingInt(s -> s.previousStandbyTasks().size())
            .reversed()
            .thenComparing(KafkaStreamsState::processId));
    Set<TaskId> all = application.allTasks().keySet();
    Set<TaskId> stateful =
        application.allTasks().values().stream()
            .filter(TaskInfo::isStateful)
            .map(TaskInfo::id)
            .collect(Collectors.toSet());
    int standbys = application.assignmentConfigs().numStandbyReplicas();
    List<KafkaStreamsAssignment> assignments = new ArrayList<>();
    for (int i = 0; i < instances.size(); i++) {
      Set<AssignedTask> tasks = new HashSet<>();
      if (i == 0) {
        all.forEach(task -> tasks.add(new AssignedTask(task, AssignedTask.Type.ACTIVE)));
      } else if (i <= standbys) {
        stateful.forEach(task -> tasks.add(new AssignedTask(task, AssignedTask.Type.STANDBY)));
      }
      assignments.add(KafkaStreamsAssignment.of(instances.get(i).processId(), tasks));
    }
    return new TaskAssignment(assignments);
  }
}
